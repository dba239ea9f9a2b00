import type Docker from 'dockerode'
import { PullpassError } from '../../errors.js'
import { isSameRegistry } from '../../credentials/server-key.js'
import { checkObject } from '../../kind-of.js'
import { defaultCredentials } from '../../node/default-credentials.js'
import { parseImageReference, resolveImage } from '../../reference/index.js'
import { parseRegistryServer } from '../../settings/server.js'
import { checkDocker } from './check-docker.js'
import { containerOptions, sameOptions } from './container-options.js'
import { checkSpec, containerName, type ContainerSpec } from './container-spec.js'
import { deployError } from './deploy-error.js'
import { statusOf } from './engine-status.js'
import { type ExistingContainer, findContainer, plainName, replaceContainer } from './existing-container.js'
import { inTurn } from './in-turn.js'
import { localImage } from './local-image.js'
import { pullImage, type PullOptions, type PullResult } from './pull.js'
import { startContainer } from './start-container.js'

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
 * creates, starts. When that fails, or is stopped by `signal`, no half-made container stays behind. Deployments of one
 * name through the same `docker` go one behind the other.
 *
 * @param options As for `pullImage`. Unless given, `retry` is that of the settings, and `credentials` are looked for as
 * `defaultCredentials` does: the settings, then what `docker login` left behind, then none.
 * @throws {PullpassError} With a code of `classifyPullFailure` if the image cannot be pulled; `ERR_DEPLOY`: the engine
 * would not create or start the container; `ERR_CONTAINER_EXISTS`: see `onExisting`.
 * @throws {TypeError} A part of `spec` or an option has the wrong type.
 */
export async function deployContainer(
  docker: Docker,
  spec: ContainerSpec,
  options: PullOptions = {},
): Promise<Deployment> {
  checkDocker(docker)
  checkSpec(spec)
  checkObject(options, 'options')
  const { settings, onExisting = 'error' } = spec
  const { logger, signal } = options
  const name = containerName(spec)
  const image = resolveImage(spec.image, settings?.registry)
  const { registry } = parseImageReference(image)
  logger?.info(
    { orchestrator: settings?.orchestrator ?? 'docker', registry, image, originalImage: spec.image },
    'Deploying container',
  )
  signal?.throwIfAborted()
  const typed = async <T>(request: Promise<T>): Promise<T> => {
    try {
      return await request
    } catch (error) {
      signal?.throwIfAborted()
      throw deployError(error, `container of ${image}`, spec.createOptions?.Env)
    }
  }
  const find = async (): Promise<ExistingContainer | undefined> =>
    name === undefined ? undefined : typed(findContainer(docker, name, signal))
  const deploy = async (): Promise<Deployment> => {
    // Before the pull, to fail early; and after it, which may have taken long.
    const inTheWay = onExisting === 'error' ? await find() : undefined
    if (inTheWay) throw alreadyExists(plainName(inTheWay.Name), "onExisting is 'error'")
    const pull = await pullImage(docker, image, pullOptions(spec, image, options))
    const existing = await find()
    return { ...(await typed(launchContainer(docker, spec, pull.image, existing, options))), image, pull }
  }
  return name === undefined ? deploy() : inTurn(docker, name, deploy, signal)
}

async function launchContainer(
  docker: Docker,
  spec: ContainerSpec,
  image: string,
  existing: ExistingContainer | undefined,
  options: PullOptions,
): Promise<Pick<Deployment, 'container' | 'action'>> {
  const { onExisting } = spec
  const create = (): Promise<Docker.Container> => createContainer(docker, containerOptions(spec, image))
  if (!existing) return { container: await startContainer(create, options.signal), action: 'created' }
  if (onExisting !== 'keep' && onExisting !== 'update' && onExisting !== 'replace') {
    throw alreadyExists(plainName(existing.Name), "onExisting is 'error'")
  }
  if (onExisting !== 'replace') {
    const difference = await differenceOf(docker, existing, spec, image)
    if (difference === undefined) {
      return { container: await keepContainer(docker, existing, options.signal), action: 'kept' }
    }
    if (onExisting === 'keep') throw alreadyExists(plainName(existing.Name), difference)
  }
  return { container: await replaceContainer(docker, existing, create, options), action: 'replaced' }
}

async function createContainer(docker: Docker, options: Docker.ContainerCreateOptions): Promise<Docker.Container> {
  try {
    return await docker.createContainer(options)
  } catch (error) {
    const { name } = options
    throw name !== undefined && statusOf(error) === 409 ? alreadyExists(name, 'it was made in the meantime') : error
  }
}

/** Why the container is another one than is wanted; `undefined` where it is the same. */
async function differenceOf(
  docker: Docker,
  existing: ExistingContainer,
  spec: ContainerSpec,
  image: string,
): Promise<string | undefined> {
  if ((await localImage(docker, image))?.id !== existing.Image) return 'its image is another one'
  return sameOptions(existing, spec, image) ? undefined : 'its options differ'
}

async function keepContainer(
  docker: Docker,
  existing: ExistingContainer,
  signal: AbortSignal | undefined,
): Promise<Docker.Container> {
  signal?.throwIfAborted()
  const container = docker.getContainer(existing.Id)
  if (!existing.State.Running) await container.start()
  return container
}

function pullOptions({ settings, createOptions }: ContainerSpec, image: string, options: PullOptions): PullOptions {
  const { registry, retry } = settings ?? {}
  const isInsecure = registry?.insecure === true && isOn(registry.server, image)
  return {
    ...options,
    credentials: options.credentials ?? defaultCredentials(settings ?? {}),
    insecure: options.insecure ?? isInsecure,
    platform: options.platform ?? createOptions?.platform,
    retry: options.retry ?? retry,
  }
}

function isOn(server: string, image: string): boolean {
  return isSameRegistry(parseRegistryServer(server).host, parseImageReference(image).registry)
}

function alreadyExists(name: string, why: string): PullpassError {
  return new PullpassError('ERR_CONTAINER_EXISTS', `There is a container named '${name}' already, and ${why}`, {
    hint: "Set onExisting to 'replace' or 'update' to put the new one in its place, or choose another name.",
  })
}
