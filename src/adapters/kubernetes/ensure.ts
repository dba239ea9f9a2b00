import type { V1Secret } from '@kubernetes/client-node'
import type { Credentials } from '../../credentials/index.js'
import type { Logger } from '../../logger.js'
import { apply } from './apply.js'
import type { KubernetesApi } from './api.js'
import {
  checkContent,
  imagePullSecret,
  PULL_SECRET_NAME,
  type PullSecretContent,
  type PullSecretRegistry,
} from './pull-secret.js'
import { recreate, type RecreateLog } from './recreate.js'
import { FIELD_MANAGER, secretRequests } from './secret-requests.js'
import { openSession, type RequestOptions, type Session } from './session.js'

/** How the secret gets there. */
export type PullSecretStrategy = 'recreate' | 'apply'

/** Options of {@link ensureImagePullSecret}: one of `registry` and `credentials`, and where to. */
export interface EnsureOptions extends EnsureContent, RequestOptions {
  readonly namespace: string
}

/** Which secret, and how it is written. */
export interface EnsureContent {
  /** One registry, as the settings have it. `undefined`, or one without a user: there are no credentials. */
  readonly registry?: PullSecretRegistry | undefined
  /** Server to credentials. `undefined`, or empty: there are none. */
  readonly credentials?: Readonly<Record<string, Credentials>> | undefined
  /** Default `opencti-registry-auth`. */
  readonly name?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /**
   * `'recreate'`, the default: delete what is there and create anew, each time. `'apply'`: server-side apply, which
   * leaves no moment without a secret and writes nothing where nothing changed, and needs the verb patch.
   */
  readonly strategy?: PullSecretStrategy | undefined
  /** Of `'apply'`: who it is to the API server. Default `pullpass`. */
  readonly fieldManager?: string | undefined
  /** Of `'apply'`: take over what another manager owns. Default `false`: an error that names it. */
  readonly force?: boolean | undefined
  readonly logger?: Logger | undefined
}

/** What became of the secret. */
export interface EnsureResult {
  /** `'skipped'`: there are no credentials, so nothing was created and nothing deleted. */
  readonly action: 'created' | 'replaced' | 'updated' | 'unchanged' | 'skipped'
  readonly namespace: string
  readonly name: string
  /** As the API server has it now; absent when skipped. Printed with its data masked. */
  readonly secret?: V1Secret
}

/**
 * Makes sure that a namespace has the pull secret for a registry, with these credentials.
 *
 * By default it does what XTM Composer does, with its permissions (get, list, create, delete): the secret is deleted and
 * created anew. What was there is not lost: the new one is proven by a dry run first, the old one comes back if the new
 * one is refused after all, and another writer in between is waited for. Once the old one is deleted, `signal` no longer
 * stops it, and each request goes on for up to two minutes to get through to the API server.
 *
 * @param api The user's own `KubeConfig` or `CoreV1Api`.
 * @throws {PullpassError} What `imagePullSecret` throws; `ERR_KUBERNETES_FORBIDDEN` (it names the verb),
 * `ERR_KUBERNETES_NOT_FOUND` (the namespace), `ERR_KUBERNETES_NAMESPACE_TERMINATING`, `ERR_KUBERNETES_CONFLICT` (it
 * names the other manager), `ERR_KUBERNETES_INVALID`, `ERR_KUBERNETES_TOO_LARGE`, `ERR_KUBERNETES_UNAUTHORIZED`,
 * `ERR_KUBERNETES_UNAVAILABLE` and `ERR_KUBERNETES_UNREACHABLE`.
 * @throws {TypeError} When `namespace` is missing, or `registry` and `credentials` both are, or `strategy` is unknown.
 * @throws The reason of `signal`.
 */
export async function ensureImagePullSecret(api: KubernetesApi, options: EnsureOptions): Promise<EnsureResult> {
  checkEnsureOptions(options)
  return ensureIn(await openSession(api, options), options.namespace, options)
}

/** The same in a session that goes on. */
export async function ensureIn(session: Session, namespace: string, options: EnsureContent): Promise<EnsureResult> {
  const { name = PULL_SECRET_NAME, labels, annotations, logger } = options
  const content = contentOf(options)
  if (content === undefined) {
    logger?.debug({ orchestrator: 'kubernetes', secret: name }, 'No credentials for an imagePullSecret')
    return { action: 'skipped', namespace, name }
  }
  const wanted = imagePullSecret({ ...content, name, namespace, labels, annotations })
  const server = content.registry === undefined ? Object.keys(content.credentials).join(', ') : content.registry.server
  return { namespace, name, ...(await write(session, wanted, server, { ...options, name })) }
}

/** `undefined` when there are no credentials. */
function contentOf({ registry, credentials }: EnsureContent): PullSecretContent | undefined {
  if (registry !== undefined) return registry.username ? { registry } : undefined
  return credentials === undefined || Object.keys(credentials).length === 0 ? undefined : { credentials }
}

const STRATEGIES: readonly unknown[] = [undefined, 'recreate', 'apply']

/** @throws {TypeError} For what is none. */
export function checkStrategy(strategy: unknown): void {
  if (!STRATEGIES.includes(strategy)) throw new TypeError("strategy must be 'recreate' or 'apply'")
}

/** @throws {TypeError} For what no call could make sense of. */
export function checkEnsureOptions(options: EnsureOptions): void {
  checkContent(options)
  checkStrategy(options.strategy)
  requireText('namespace', options.namespace)
}

/** @throws {TypeError} Naming the option, when it is not a text. */
export function requireText(option: string, value: unknown): void {
  if (typeof value !== 'string' || value === '') throw new TypeError(`${option} must be a text that is not empty`)
}

type Written = Pick<EnsureResult, 'action'> & { readonly secret: V1Secret }

async function write(
  session: Session,
  wanted: V1Secret,
  server: string,
  { strategy, fieldManager = FIELD_MANAGER, force = false, logger, name = '' }: EnsureContent,
): Promise<Written> {
  const requests = secretRequests(session, wanted.metadata?.namespace ?? '', name)
  const log = logLines(logger, name, server)
  const done =
    strategy === 'apply' ? await apply(requests, wanted, { fieldManager, force, onWrite: log.creating }) : undefined
  if (done?.action === 'unchanged') {
    logger?.debug({ orchestrator: 'kubernetes', secret: name }, 'The imagePullSecret is as it should be')
    return done
  }
  const result = done && done.action !== 'cannot' ? done : await recreate(requests, wanted, { ...session, log })
  logger?.info({ orchestrator: 'kubernetes', secret: name }, 'Successfully created imagePullSecret')
  return result
}

/** The lines that operators know from XTM Composer. */
function logLines(logger: Logger | undefined, secret: string, server: string): RecreateLog {
  const fields = { orchestrator: 'kubernetes', secret }
  return {
    deleting: () => logger?.info({ ...fields }, 'Deleting existing imagePullSecret if present'),
    creating: () => logger?.info({ ...fields, server }, 'Creating imagePullSecret for private registry'),
  }
}
