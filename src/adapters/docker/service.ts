import type Docker from 'dockerode'
import { abortable } from '../../abortable.js'
import { PullpassError } from '../../errors.js'
import { checkObject } from '../../kind-of.js'
import type { Logger } from '../../logger.js'
import { defaultCredentials } from '../../node/default-credentials.js'
import { parseImageReference, resolveImage } from '../../reference/index.js'
import type { Settings } from '../../settings/index.js'
import { checkDocker } from './check-docker.js'
import { deployError } from './deploy-error.js'
import { type AuthOptions, type EngineAuth, engineAuth } from './engine-auth.js'
import { unlessStatus } from './engine-status.js'
import { inTurn } from './in-turn.js'
import { pinImage, withImage } from './pin-image.js'

/** Options of {@link deployService}. Unless given, `credentials` are looked for as `defaultCredentials` does. */
export interface ServiceOptions extends AuthOptions {
  /** The operator's settings, or parts of them: the registry in front of the image name, and its credentials. */
  readonly settings?: Partial<Settings> | undefined
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
 * the specification or the query. An update without credentials keeps those that the service has. Deployments of one
 * name through the same `docker` go one behind the other.
 *
 * @param spec In Docker's own words; it is not changed. `Name` and the container's `Image` are required.
 * @throws {PullpassError} With a code of `classifyPullFailure` when the credentials or the image are no good;
 * `ERR_DEPLOY`: the engine refuses the service.
 * @throws {TypeError} An option has the wrong type, or `spec` names no image.
 */
export async function deployService(
  docker: Docker,
  spec: Docker.CreateServiceOptions,
  options: ServiceOptions = {},
): Promise<ServiceDeployment> {
  checkDocker(docker)
  checkObject(spec, 'spec')
  checkObject(options, 'options')
  const { settings, signal, logger } = options
  const name = nameOf(spec)
  const image = resolveImage(containerImage(spec), settings?.registry)
  const { registry } = parseImageReference(image)
  logger?.info({ orchestrator: 'swarm', registry, image, service: name }, 'Deploying service')
  signal?.throwIfAborted()
  const deploy = (): Promise<ServiceDeployment> =>
    typed(createOrUpdate(docker, spec, image, options), `service of ${image}`, spec, signal)
  return name === undefined ? deploy() : inTurn(docker, `service ${name}`, deploy, signal)
}

async function createOrUpdate(
  docker: Docker,
  spec: Docker.CreateServiceOptions,
  image: string,
  options: ServiceOptions,
): Promise<ServiceDeployment> {
  const { signal, logger } = options
  const name = nameOf(spec)
  const auth = await engineAuth(withSettings(options), parseImageReference(image), signal)
  const existing = name === undefined ? undefined : await findService(docker, name, signal)
  const keepsCredentials = existing !== undefined && !auth.config
  const pinned = await abortable(pinImage(docker, image, auth, keepsCredentials), signal)
  const warnings = [...pinned.warnings, ...expiryWarning(auth)]
  for (const warning of warnings) logger?.warn({ orchestrator: 'swarm', image, service: name }, warning)
  signal?.throwIfAborted()
  const full = withImage(spec, pinned)
  const service = existing ? docker.getService(existing.ID) : await createService(docker, full, auth)
  if (existing) await updateService(service, existing, full, auth)
  return { service, image: pinned.image, action: existing ? 'updated' : 'created', warnings }
}

/**
 * Gives Swarm new credentials for a service whose image stays as it is, so that a node that is asked to run a task later
 * can still pull. Short-lived tokens (Amazon ECR's last 12 hours) have to be renewed this way before they expire.
 *
 * @param service Name or id.
 * @throws {PullpassError} `ERR_CREDENTIALS`: no credentials are known for the service's image; a code of
 * `classifyPullFailure`: the registry does not accept them; `ERR_DEPLOY`: there is no such service, or it is refused.
 * @throws {TypeError} An option has the wrong type.
 */
export async function refreshServiceAuth(docker: Docker, service: string, options: ServiceOptions = {}): Promise<void> {
  checkDocker(docker)
  checkObject(options, 'options')
  if (typeof service !== 'string' || service === '') throw new TypeError('service must be a name or an id')
  const { signal } = options
  const refresh = (): Promise<void> => typed(renewAuth(docker, service, options), `service ${service}`, {}, signal)
  await inTurn(docker, `service ${service}`, refresh, signal)
}

async function renewAuth(docker: Docker, service: string, options: ServiceOptions): Promise<void> {
  const { signal, logger } = options
  signal?.throwIfAborted()
  const existing = await findService(docker, service, signal)
  if (!existing) throw noService(service)
  const image = containerImage(existing.Spec)
  const reference = parseImageReference(image)
  const auth = await engineAuth(withSettings(options), reference, signal)
  if (!auth.config) throw noCredentials(service, reference.registry)
  // Swarm takes any; wrong ones would only show when a task is scheduled.
  const { warnings } = await abortable(pinImage(docker, image, auth, false), signal)
  signal?.throwIfAborted()
  await updateService(docker.getService(existing.ID), existing, existing.Spec, auth)
  for (const warning of [...warnings, ...expiryWarning(auth)]) logger?.warn({ orchestrator: 'swarm', service }, warning)
  logger?.info({ orchestrator: 'swarm', registry: reference.registry, service }, 'Refreshed registry credentials')
}

/** Swarm makes one up where it is empty. */
function nameOf({ Name }: Docker.CreateServiceOptions): string | undefined {
  return Name === '' ? undefined : Name
}

/** The signal's reason, where it was aborted; else a typed error, without the values of the service's variables. */
async function typed<T>(
  request: Promise<T>,
  what: string,
  spec: Docker.ServiceSpec,
  signal: AbortSignal | undefined,
): Promise<T> {
  try {
    return await request
  } catch (error) {
    signal?.throwIfAborted()
    throw deployError(error, what, (spec.TaskTemplate as Docker.ContainerTaskSpec | undefined)?.ContainerSpec?.Env)
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

async function findService(
  docker: Docker,
  name: string,
  signal: AbortSignal | undefined,
): Promise<ExistingService | undefined> {
  // It becomes a part of the URL, whatever it is.
  const request = docker.getService(encodeURIComponent(name)).inspect() as Promise<ExistingService>
  const found = await abortable(unlessStatus([404], request), signal)
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
