import type { V1Secret } from '@kubernetes/client-node'
import { type ApiError, conflictingManagers } from './api-error.js'
import { canBecome, isAsWanted } from './secret-data.js'
import { isStatus, type SecretRequests } from './secret-requests.js'

/** How to apply. */
export interface ApplyOptions {
  readonly fieldManager: string
  /** Takes over fields that another manager owns. */
  readonly force: boolean
  /** Told before something is written. */
  readonly onWrite: () => void
}

/** What happened; `'cannot'` when only deleting and creating can help. */
export type Applied =
  { readonly action: 'created' | 'updated' | 'unchanged'; readonly secret: V1Secret } | { readonly action: 'cannot' }

/**
 * Server-side apply: there is no moment without the secret, and no write where nothing would change. A secret of
 * another type, or an immutable one with other content, cannot be changed this way.
 */
export async function apply(requests: SecretRequests, wanted: V1Secret, options: ApplyOptions): Promise<Applied> {
  const found = await requests.read()
  if (found && isAsWanted(found, wanted)) return { action: 'unchanged', secret: found }
  if (found && !canBecome(found, wanted)) return { action: 'cannot' }
  options.onWrite()
  try {
    return { action: found ? 'updated' : 'created', secret: await forceOwn(requests, wanted, options) }
  } catch (error) {
    // It became immutable, or another type, after it was read.
    if (isStatus(error, 422) && error.causes.some(({ message }) => message.includes('field is immutable'))) {
      return { action: 'cannot' }
    }
    throw error
  }
}

/** What this manager wrote by create or update before, it takes over: to the server that is another manager. */
async function forceOwn(requests: SecretRequests, wanted: V1Secret, options: ApplyOptions): Promise<V1Secret> {
  const { fieldManager, force } = options
  try {
    return await requests.apply(wanted, { fieldManager, force })
  } catch (error) {
    if (!isStatus(error, 409) || !ownsAll(error, fieldManager)) throw error
    return requests.apply(wanted, { fieldManager, force: true })
  }
}

function ownsAll({ causes }: ApiError, fieldManager: string): boolean {
  const managers = conflictingManagers(causes)
  return managers.length > 0 && managers.every((manager) => manager === fieldManager)
}
