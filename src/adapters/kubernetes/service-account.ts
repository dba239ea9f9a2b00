import type { V1ServiceAccount } from '@kubernetes/client-node'
import type { Logger } from '../../logger.js'
import type { KubernetesApi } from './api.js'
import { requireText } from './ensure.js'
import { PULL_SECRET_NAME } from './pull-secret.js'
import { isStatus } from './secret-requests.js'
import { openSession, type RequestOptions, type Session } from './session.js'

/** Options of {@link detachFromServiceAccount}. */
export interface ServiceAccountOptions extends RequestOptions {
  readonly namespace: string
  /** Default `default`, which pods have that name no other. */
  readonly serviceAccount?: string | undefined
  /** The name of the pull secret. Default `opencti-registry-auth`. */
  readonly secret?: string | undefined
  readonly logger?: Logger | undefined
}

/** Options of {@link attachToServiceAccount}. */
export interface AttachOptions extends ServiceAccountOptions {
  /**
   * How long to wait, in seconds, for a service account that is not there yet, as in a namespace that was just made.
   * Default 0: its absence is an error at once.
   */
  readonly waitSeconds?: number | undefined
}

/** What became of the service account. */
export interface ServiceAccountResult {
  readonly action: 'attached' | 'detached' | 'unchanged'
  readonly namespace: string
  readonly serviceAccount: string
  /** The names of its pull secrets now, in the order in which pods get them. */
  readonly imagePullSecrets: readonly string[]
}

/**
 * Gives the pods of a service account the pull secret, those that are made from now on and name no pull secrets
 * themselves. The secret is put behind those that are there; a service account that changes meanwhile is read anew.
 * Whether the secret exists is not looked at. Needs get and patch on the service account.
 *
 * @throws {PullpassError} `ERR_KUBERNETES_NOT_FOUND` when there is no such service account (in time), and the other
 * `ERR_KUBERNETES_` codes of `ensureImagePullSecret`.
 * @throws {TypeError} When `namespace` is missing.
 * @throws The reason of `signal`.
 */
export async function attachToServiceAccount(
  api: KubernetesApi,
  options: AttachOptions,
): Promise<ServiceAccountResult> {
  requireText('namespace', options.namespace)
  return attachIn(await openSession(api, options), options)
}

/** The same in a session that goes on. */
export async function attachIn(session: Session, options: AttachOptions): Promise<ServiceAccountResult> {
  const { secret = PULL_SECRET_NAME, waitSeconds = 0 } = options
  requireText('secret', secret)
  return change(session, options, waitSeconds, 'attached', (names) => {
    return names.includes(secret) ? undefined : [...names, secret]
  })
}

/**
 * Takes the pull secret from a service account, and leaves the others. Pods that run keep it; the secret itself stays.
 *
 * @throws As {@link attachToServiceAccount} does.
 */
export async function detachFromServiceAccount(
  api: KubernetesApi,
  options: ServiceAccountOptions,
): Promise<ServiceAccountResult> {
  requireText('namespace', options.namespace)
  const { secret = PULL_SECRET_NAME } = options
  const session = await openSession(api, options)
  return change(session, options, 0, 'detached', (names) => {
    return names.includes(secret) ? names.filter((name) => name !== secret) : undefined
  })
}

/** How often somebody else may change the service account meanwhile. */
const ROUNDS = 12

/** @param next The names that there are to be instead; `undefined` where nothing is to be changed. */
async function change(
  session: Session,
  { namespace, serviceAccount = 'default', secret = PULL_SECRET_NAME, logger }: ServiceAccountOptions,
  waitSeconds: number,
  done: 'attached' | 'detached',
  next: (names: readonly string[]) => readonly string[] | undefined,
): Promise<ServiceAccountResult> {
  requireText('serviceAccount', serviceAccount)
  const about = { namespace, serviceAccount }
  for (let round = 1; ; round++) {
    const found = await read(session, namespace, serviceAccount, round === 1 ? waitSeconds : 0)
    const names = namesOf(found)
    const wanted = next(names)
    // Where it was done in an earlier round, the answer was lost.
    if (wanted === undefined) return { action: round === 1 ? 'unchanged' : done, ...about, imagePullSecrets: names }
    try {
      const imagePullSecrets = namesOf(await patch(session, namespace, serviceAccount, found, wanted))
      logger?.info({ orchestrator: 'kubernetes', secret, ...about }, `imagePullSecret ${done}`)
      return { action: done, ...about, imagePullSecrets }
    } catch (error) {
      if (!isStatus(error, 409) || round === ROUNDS) throw error
      await session.pause(Math.min(0.01 * 2 ** round, 1) * session.clock.random())
    }
  }
}

async function read(session: Session, namespace: string, name: string, waitSeconds: number): Promise<V1ServiceAccount> {
  const target = { verb: 'get', resource: 'serviceaccounts', namespace, name }
  const giveUpAt = session.clock.now() + waitSeconds * 1000
  for (let step = 0.1; ; step = Math.min(step * 1.5, 2)) {
    try {
      return await session.send(target, (core, how) => core.readNamespacedServiceAccount({ namespace, name }, how))
    } catch (error) {
      const left = (giveUpAt - session.clock.now()) / 1000
      if (!isStatus(error, 404) || left <= 0) throw error
      await session.pause(Math.min(step, left))
    }
  }
}

/**
 * The list has no merge key: to the API server every patch of it replaces it, a strategic one as well. So the new list
 * is sent whole, for the version it was made from and no other.
 */
function patch(
  session: Session,
  namespace: string,
  name: string,
  { metadata: { resourceVersion } = {} }: V1ServiceAccount,
  names: readonly string[],
): Promise<V1ServiceAccount> {
  const imagePullSecrets = names.length === 0 ? null : names.map((each) => ({ name: each }))
  const body = { metadata: { resourceVersion }, imagePullSecrets }
  const target = { verb: 'patch', resource: 'serviceaccounts', namespace, name }
  const request = { namespace, name, body, fieldManager: 'pullpass' }
  const contentType = 'application/merge-patch+json'
  return session.send(target, (core, how) => core.patchNamespacedServiceAccount(request, how), { contentType })
}

function namesOf({ imagePullSecrets = [] }: V1ServiceAccount): string[] {
  return imagePullSecrets.flatMap(nameOf)
}

function nameOf({ name }: { name?: string }): string[] {
  return name === undefined ? [] : [name]
}
