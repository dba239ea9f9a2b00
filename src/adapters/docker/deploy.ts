import type Docker from 'dockerode'
import { PullpassError } from '../../errors.js'
import { isSameRegistry } from '../../credentials/server-key.js'
import { defaultCredentials } from '../../node/default-credentials.js'
import { formatImageReference, parseImageReference, resolveImage } from '../../reference/index.js'
import type { Settings } from '../../settings/index.js'
import { parseRegistryServer } from '../../settings/server.js'
import { containerOptions, sameOptions } from './container-options.js'
import type { ContainerSpec } from './container-spec.js'
import { deployError } from './deploy-error.js'
import { findContainer, replaceContainer } from './existing-container.js'
import { localImage } from './local-image.js'
import { pullImage, type PullOptions, type PullResult } from './pull.js'

/** A running container. */
export interface Deployment {
  readonly container: Docker.Container
  /** The image's full name: what was pulled. */
  readonly image: string
  readonly action: 'created' | 'replaced' | 'kept'
  readonly pull: PullResult
}

/**
 * From an image name in a configuration to a running container: resolves the name, finds the credentials, pulls,
 * creates, starts. When that fails, no half-made container stays behind.
 *
 * @param options As for `pullImage`. Unless given, `retry` is that of the settings, and `credentials` are looked for as
 * `defaultCredentials` does: the settings, then what `docker login` left behind, then none.
 * @throws {PullpassError} With a code of `classifyPullFailure` if the image cannot be pulled; `ERR_DEPLOY`: the engine
 * would not create or start the container; `ERR_CONTAINER_EXISTS`: see `onExisting`.
 */
export async function deployContainer(
  docker: Docker,
  spec: ContainerSpec,
  options: PullOptions = {},
): Promise<Deployment> {
  const { settings, name, onExisting = 'error' } = spec
  const { logger, signal } = options
  const image = resolveImage(spec.image, settings?.registry)
  const fields = { orchestrator: 'docker', registry: parseImageReference(image).registry, image }
  logger?.info({ ...fields, originalImage: spec.image }, 'Deploying container')
  try {
    const existing = name === undefined ? undefined : await findContainer(docker, name)
    if (existing && onExisting === 'error') throw alreadyExists(existing.Name, 'onExisting is not set')
    const pull = await pullImage(docker, image, pullOptions(settings, image, options))
    const create = (): Promise<Docker.Container> => {
      signal?.throwIfAborted()
      return docker.createContainer(containerOptions(spec, pull.image))
    }
    if (!existing) return { container: await startNew(create), image, action: 'created', pull }
    if (onExisting === 'replace') {
      return { container: await replaceContainer(docker, existing, create, signal), image, action: 'replaced', pull }
    }
    const container = docker.getContainer(existing.Id)
    await checkUnchanged(docker, existing, spec, pull.image)
    if (!existing.State.Running) await container.start()
    return { container, image, action: 'kept', pull }
  } catch (error) {
    signal?.throwIfAborted()
    throw deployError(error, `container of ${formatImageReference(parseImageReference(image))}`)
  }
}

function pullOptions(settings: Settings | undefined, image: string, options: PullOptions): PullOptions {
  const { registry, retry } = settings ?? {}
  const insecure = registry?.insecure === true && isOn(registry.server, image)
  return { credentials: defaultCredentials(settings ?? {}), ...(retry && { retry }), insecure, ...options }
}

function isOn(server: string, image: string): boolean {
  return isSameRegistry(parseRegistryServer(server).host, parseImageReference(image).registry)
}

async function startNew(create: () => Promise<Docker.Container>): Promise<Docker.Container> {
  const container = await create()
  try {
    await container.start()
    return container
  } catch (error) {
    await container.remove({ force: true })
    throw error
  }
}

async function checkUnchanged(
  docker: Docker,
  existing: Docker.ContainerInspectInfo,
  spec: ContainerSpec,
  image: string,
): Promise<void> {
  if ((await localImage(docker, image))?.id !== existing.Image)
    throw alreadyExists(existing.Name, 'its image is another')
  if (!sameOptions(existing, spec, image)) throw alreadyExists(existing.Name, 'its options are others')
}

function alreadyExists(name: string, why: string): PullpassError {
  const shown = name.replace(/^\//, '')
  return new PullpassError('ERR_CONTAINER_EXISTS', `There is a container named '${shown}' already, and ${why}`, {
    hint: "Set onExisting to 'replace' to put the new one in its place, or choose another name.",
  })
}
