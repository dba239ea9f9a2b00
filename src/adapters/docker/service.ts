import type Docker from 'dockerode'
import { PullpassError } from '../../errors.js'
import type { Logger } from '../../logger.js'
import { defaultCredentials } from '../../node/default-credentials.js'
import { parseImageReference, resolveImage } from '../../reference/index.js'
import type { Settings } from '../../settings/index.js'
import { deployError } from './deploy-error.js'
import { type AuthOptions, type EngineAuth, engineAuth } from './engine-auth.js'
import { unlessStatus } from './engine-status.js'
import { pinImage, withImage } from './pin-image.js'

/** Options of {@link deployService}. Unless given, `credentials` are looked for as `defaultCredentials` does. */
export interface ServiceOptions extends AuthOptions {
  /** The operator's settings: the registry in front of the image name, and its credentials. */
  readonly settings?: Settings | undefined
  readonly signal?: AbortSignal | undefined
  readonly logger?: Logger | undefined
}

/** What {@link deployService} did. */
export interface ServiceDeployment {
  readonly service: Docker.Service
  /** The image as it stands in the service, pinned to its digest. */
  readonly image: string
  readonly action: 'created' | 'updated'
  /** What should be known, a sentence each. */
  readonly warnings: readonly string[]
}

/**
 * Creates a Swarm service, or updates the one of that name. The image is resolved and pinned to its digest, as docker
 * CLI does; credentials go along in the `X-Registry-Auth` header, from which Swarm keeps them for its nodes, never in
 * the specification or the query. An update without credentials keeps those that the service has.
 *
 * @param spec In Docker's own words; it is not changed. `Name` and the container's `Image` are required.
 * @throws {PullpassError} With a code of `classifyPullFailure` when the credentials or the image are no good;
 * `ERR_DEPLOY`: the engine refuses the service.
 */
export async function deployService(
  docker: Docker,
  spec: Docker.CreateServiceOptions,
  options: ServiceOptions = {},
): Promise<ServiceDeployment> {
  const { settings, signal, logger } = options
  const name = spec.Name
  const image = resolveImage(containerImage(spec), settings?.registry)
  const reference = parseImageReference(image)
  logger?.info({ orchestrator: 'swarm', registry: reference.registry, image, service: name }, 'Deploying service')
  signal?.throwIfAborted()
  const auth = await engineAuth(withSettings(options), reference, signal)
  try {
    const existing = name === undefined ? undefined : await findService(docker, name)
    const keepsCredentials = existing !== undefined && !auth.config
    const pinned = await pinImage(docker, image, auth, keepsCredentials)
    const warnings = [...pinned.warnings, ...expiryWarning(auth)]
    for (const warning of warnings) logger?.warn({ orchestrator: 'swarm', image, service: name }, warning)
    signal?.throwIfAborted()
    const full = withImage(spec, pinned)
    const service = existing ? docker.getService(existing.ID) : await createService(docker, full, auth)
    if (existing) await updateService(service, existing, full, auth)
    return { service, image: pinned.image, action: existing ? 'updated' : 'created', warnings }
  } catch (error) {
    signal?.throwIfAborted()
    throw deployError(error, `service of ${image}`)
  }
}

/**
 * Gives Swarm new credentials for a service whose image stays as it is, so that a node that is asked to run a task later
 * can still pull. Short-lived tokens (Amazon ECR's last 12 hours) have to be renewed this way before they expire.
 *
 * @param service Name or id.
 * @throws {PullpassError} `ERR_CREDENTIALS`: no credentials are known for the service's image; a code of
 * `classifyPullFailure`: the registry does not accept them; `ERR_DEPLOY`: there is no such service, or it is refused.
 */
export async function refreshServiceAuth(docker: Docker, service: string, options: ServiceOptions): Promise<void> {
  const { signal, logger } = options
  try {
    const existing = await findService(docker, service)
    if (!existing) throw noService(service)
    const image = containerImage(existing.Spec)
    const reference = parseImageReference(image)
    const auth = await engineAuth(withSettings(options), reference, signal)
    if (!auth.config) throw noCredentials(service, reference.registry)
    // Swarm takes any; wrong ones would only show when a task is scheduled.
    const { warnings } = await pinImage(docker, image, auth, false)
    signal?.throwIfAborted()
    await updateService(docker.getService(existing.ID), existing, existing.Spec, auth)
    for (const warning of [...warnings, ...expiryWarning(auth)])
      logger?.warn({ orchestrator: 'swarm', service }, warning)
    logger?.info({ orchestrator: 'swarm', registry: reference.registry, service }, 'Refreshed registry credentials')
  } catch (error) {
    signal?.throwIfAborted()
    throw deployError(error, `new credentials of service ${service}`)
  }
}

/** Swarm keeps what it is given, and a node that is asked to run a task later pulls with that. */
function expiryWarning({ expiresAt, source }: EngineAuth): string[] {
  if (!expiresAt) return []
  return [
    `The credentials (${source}) expire at ${expiresAt.toISOString()}, and a task that is scheduled later cannot pull: ` +
      'call refreshServiceAuth before',
  ]
}

function withSettings({ settings, ...options }: ServiceOptions): AuthOptions {
  return { ...options, credentials: options.credentials ?? defaultCredentials(settings ?? {}) }
}

/** Without an argument of its own for it, dockerode sends the whole specification as the credentials. */
function createService(docker: Docker, spec: Docker.ServiceSpec, { config }: EngineAuth): Promise<Docker.Service> {
  const create = docker.createService.bind(docker) as (
    auth: EngineAuth['config'],
    spec: Docker.ServiceSpec,
  ) => Promise<Docker.Service>
  return create(config, spec)
}

interface ExistingService {
  readonly ID: string
  readonly Version: { readonly Index: number }
  readonly Spec: Docker.ServiceSpec
}

async function findService(docker: Docker, name: string): Promise<ExistingService | undefined> {
  const found = (await unlessStatus([404], docker.getService(name).inspect())) as ExistingService | undefined
  // Swarm also finds a service by the beginning of its id.
  return found && [found.ID, found.Spec.Name].includes(name) ? found : undefined
}

/** dockerode copies a plain specification into the query; what is under `_body` stays out of it. */
async function updateService(
  service: Docker.Service,
  { Version }: ExistingService,
  spec: Docker.ServiceSpec,
  { config }: EngineAuth,
): Promise<void> {
  const query = { version: Version.Index, ...(!config && { registryAuthFrom: 'spec' }) }
  await service.update({ _query: query, _body: spec, ...(config && { authconfig: config }) })
}

function containerImage(spec: Docker.ServiceSpec): string {
  const image = (spec.TaskTemplate as Docker.ContainerTaskSpec | undefined)?.ContainerSpec?.Image
  if (image === undefined) throw new TypeError('spec.TaskTemplate.ContainerSpec.Image is missing: name the image')
  return image
}

function noService(service: string): PullpassError {
  return new PullpassError('ERR_DEPLOY', `There is no service '${service}'`, {
    hint: 'Check its name, and that this engine is a manager of the right Swarm; deployService creates one.',
  })
}

function noCredentials(service: string, registry: string): PullpassError {
  return new PullpassError(
    'ERR_CREDENTIALS',
    `No credentials are known for ${registry}, where service ${service} pulls`,
    {
      hint: 'Give credentials, or settings that have them for this registry.',
    },
  )
}
