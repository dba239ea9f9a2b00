import type { V1Secret } from '@kubernetes/client-node'
import type { Clock } from '../../clock.js'
import { PullpassError } from '../../errors.js'
import { isAsWanted } from './secret-data.js'
import { isStatus, type SecretRequests, withoutUndefined } from './secret-requests.js'
import type { Session } from './session.js'

/** Told as it happens. */
export interface RecreateLog {
  readonly deleting: () => void
  readonly creating: () => void
}

/** What recreating needs besides the requests. */
export interface RecreateOptions extends Pick<Session, 'signal' | 'clock'> {
  readonly log: RecreateLog
}

/** What happened to the secret. */
export interface Recreated {
  readonly action: 'created' | 'replaced'
  readonly secret: V1Secret
}

/** How often another writer may come in between. */
const ROUNDS = 10

/**
 * Deletes the secret that is there and creates `wanted` in its place, with the verbs get, create and delete. The old
 * one goes only when the server has said, in a dry run, that it would take the new one; from then on requests are
 * repeated until they get through, whatever the signal says, and the old one comes back if the new one is refused.
 */
export async function recreate(
  requests: SecretRequests,
  wanted: V1Secret,
  { log, signal, clock }: RecreateOptions,
): Promise<Recreated> {
  const first = await requests.read()
  if (first) await prove(requests, wanted)
  signal?.throwIfAborted()
  log.deleting()
  const action = first ? 'replaced' : 'created'
  let found = first
  let lost: V1Secret | undefined
  let isAnnounced = false
  for (let round = 0; round < ROUNDS; round++) {
    if (found) {
      // A secret is there, so this can stop here.
      signal?.throwIfAborted()
      const isGone = await remove(requests, found)
      lost = isGone ? found : lost
      found = isGone ? undefined : await readAgain(requests, round, clock)
    }
    if (!found) {
      if (!isAnnounced) log.creating()
      isAnnounced = true
      const outcome = await create(requests, wanted, lost)
      if (outcome !== 'exists') return { action, secret: outcome }
      found = await readAgain(requests, round, clock)
    }
    // Somebody else was faster, or this was, and the answer was lost.
    if (found && found.metadata?.uid !== first?.metadata?.uid && isAsWanted(found, wanted))
      return { action, secret: found }
  }
  throw new PullpassError('ERR_KUBERNETES_CONFLICT', `${nameOf(wanted)} is written by somebody else again and again`, {
    hint: 'Find out what else writes this secret, or a finalizer on it that nobody removes.',
  })
}

async function create(
  requests: SecretRequests,
  wanted: V1Secret,
  lost: V1Secret | undefined,
): Promise<V1Secret | 'exists'> {
  try {
    return await requests.create(wanted, lost ? PERSISTENT : {})
  } catch (error) {
    if (isStatus(error, 409, 'AlreadyExists')) return 'exists'
    if (lost === undefined) throw error
    throw await putBack(requests, lost, error)
  }
}

/** A quota counts the secret that was just deleted for a moment longer, and a token may be about to be renewed. */
const PERSISTENT = { persist: (error: unknown) => isQuota(error) || isStatus(error, 401) }

async function prove(requests: SecretRequests, wanted: V1Secret): Promise<void> {
  try {
    await requests.tryCreate(wanted)
  } catch (error) {
    // No verdict: a full quota has room again once the old one is gone, and some webhooks do not know dry runs.
    if (isQuota(error) || (isStatus(error, 400) && error.message.includes('does not support dry run'))) return
    throw error
  }
}

async function remove(requests: SecretRequests, found: V1Secret): Promise<boolean> {
  try {
    return await requests.remove(found, { persist: () => false })
  } catch (error) {
    throw isStatus(error, 0) ? withNote(error, 'it may be deleted, so run this again') : error
  }
}

/** After a moment, so that two writers do not keep in step. */
async function readAgain(requests: SecretRequests, round: number, clock: Clock): Promise<V1Secret | undefined> {
  await clock.wait(Math.min(0.02 * 2 ** round, 1) * (0.5 + clock.random()))
  return requests.read({ persist: () => false })
}

/** Puts the old secret back, and says so in the error that made it necessary. */
async function putBack(requests: SecretRequests, old: V1Secret, reason: unknown): Promise<Error> {
  try {
    await requests.create(asNew(old), PERSISTENT)
  } catch (error) {
    if (!isStatus(error, 409, 'AlreadyExists')) {
      const why = error instanceof Error ? error.message : String(error)
      return withNote(reason, `the old secret could not be put back (${why}), so there is none`)
    }
  }
  return withNote(reason, 'the old secret was put back')
}

/** Without what the server gave it. */
function asNew(secret: V1Secret): V1Secret {
  const { name, namespace, labels, annotations, ownerReferences, finalizers } = secret.metadata ?? {}
  const metadata = withoutUndefined({ name, namespace, labels, annotations, ownerReferences, finalizers })
  return { ...(secret as object), metadata }
}

function isQuota(error: unknown): boolean {
  return isStatus(error, 403) && error.message.includes('exceeded quota')
}

function withNote(error: unknown, note: string): Error {
  if (!(error instanceof PullpassError)) return error as Error
  return new PullpassError(error.code, `${error.message}; ${note}`, { hint: error.hint, cause: error.cause })
}

function nameOf({ metadata }: V1Secret): string {
  return `secret "${metadata?.name ?? ''}" in namespace "${metadata?.namespace ?? ''}"`
}
