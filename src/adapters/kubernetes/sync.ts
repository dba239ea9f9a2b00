import { coreApi, type KubernetesApi } from './api.js'
import { checkStrategy } from './ensure.js'
import { listNamespaces } from './namespaces.js'
import { checkContent } from './pull-secret.js'
import type { Session } from './session.js'
import { readContent } from './sync-credentials.js'
import { createRun, type SyncedNamespace, type SyncOptions } from './sync-run.js'
import { Upkeep } from './upkeep.js'

/** What became of them all. */
export interface SyncResult {
  /** The last of each namespace, in the order in which they were first done. */
  readonly results: readonly SyncedNamespace[]
}

/**
 * Puts a pull secret into many namespaces, several at a time and over shared connections. One that fails does not stop
 * the others. Where there is something to go on for, it goes on until `signal` is aborted: see `watch`. Credentials are
 * renewed when between 70 and 90 per cent of their time is over.
 *
 * @returns When all are done; or, if it went on, once it was stopped and nothing is under way any more.
 * @throws {PullpassError} What `imagePullSecret` throws, and the `ERR_KUBERNETES_` codes of the first list of
 * namespaces. A namespace that fails is a result, not an error.
 * @throws {TypeError} When `namespaces` and `labelSelector` both are missing or given, or `concurrency` is none.
 * @throws What the provider of the credentials throws the first time. Later it is logged, and asked again.
 * @throws The reason of `signal`, unless it went on until stopped.
 */
export async function syncImagePullSecrets(api: KubernetesApi, options: SyncOptions): Promise<SyncResult> {
  checkOptions(options)
  const { signal, labelSelector, watch } = options
  signal?.throwIfAborted()
  const run = createRun(await coreApi(api), options, await readContent(options, signal))
  const isEndless = labelSelector !== undefined || run.current.expiresAt !== undefined
  if (watch ?? (signal !== undefined && isEndless)) await new Upkeep(run, options).untilStopped()
  else await run.all(await namesIn(run.session(), options))
  return { results: [...run.results.values()] }
}

async function namesIn(session: Session, { namespaces, labelSelector = '' }: SyncOptions): Promise<readonly string[]> {
  return namespaces ?? (await listNamespaces(session, labelSelector)).namespaces.map(({ name }) => name)
}

function checkOptions(options: SyncOptions): void {
  const { namespaces, labelSelector, concurrency = 1 } = options
  checkContent(options)
  checkStrategy(options.strategy)
  if ((namespaces === undefined) === (labelSelector === undefined)) {
    throw new TypeError('namespaces or labelSelector: one of them must be given')
  }
  if (!(Number.isInteger(concurrency) && concurrency > 0))
    throw new TypeError('concurrency must be a whole number above 0')
}
