import type { KubernetesApi } from './api.js'
import { checkEnsureOptions, ensureIn, type EnsureOptions, type EnsureResult } from './ensure.js'
import { attachIn, type ServiceAccountResult } from './service-account.js'
import { openSession } from './session.js'

/** Options of {@link setUpNamespace}. */
export interface SetUpOptions extends EnsureOptions {
  /** Whose pods get the secret. Default `default`. */
  readonly serviceAccount?: string | undefined
  /** How long to wait, in seconds, for the service account of a namespace that was just made. Default 30. */
  readonly waitSeconds?: number | undefined
}

/** What became of the namespace. */
export interface SetUpResult {
  readonly secret: EnsureResult
  /** Absent when there were no credentials, and so nothing to attach. */
  readonly serviceAccount?: ServiceAccountResult
}

/**
 * Everything a namespace needs for its pods to pull, in one call: the pull secret, attached to the service account that
 * pods have when they name none.
 *
 * @throws As `ensureImagePullSecret` and `attachToServiceAccount` do.
 */
export async function setUpNamespace(api: KubernetesApi, options: SetUpOptions): Promise<SetUpResult> {
  checkEnsureOptions(options)
  const { namespace, name, serviceAccount, logger, waitSeconds = 30 } = options
  const session = await openSession(api, options)
  const secret = await ensureIn(session, namespace, options)
  if (secret.action === 'skipped') return { secret }
  const attached = await attachIn(session, { namespace, serviceAccount, secret: name, logger, waitSeconds })
  return { secret, serviceAccount: attached }
}
