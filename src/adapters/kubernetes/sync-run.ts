import type { CoreV1Api } from '@kubernetes/client-node'
import type { Logger, LogMethod } from '../../logger.js'
import { type EnsureContent, type EnsureResult, ensureIn } from './ensure.js'
import { PULL_SECRET_NAME } from './pull-secret.js'
import { createQueue } from './queue.js'
import { attachIn, type ServiceAccountResult } from './service-account.js'
import { type RequestOptions, type Session, sessionFor } from './session.js'
import type { CurrentContent, SyncContent } from './sync-credentials.js'

/** Options of {@link syncImagePullSecrets}: what goes into the secrets, and into which namespaces. */
export interface SyncOptions extends SyncContent, Omit<EnsureContent, 'registry' | 'credentials'>, RequestOptions {
  /** Their names. Either this or `labelSelector`. */
  readonly namespaces?: readonly string[] | undefined
  /** Those with these labels, as in `kubectl get namespaces --selector`; empty for all of them. */
  readonly labelSelector?: string | undefined
  /** A service account to which the secret is attached in each. Default: none. */
  readonly serviceAccount?: string | undefined
  /** How many namespaces at a time. Default 10. */
  readonly concurrency?: number | undefined
  /** Told of each namespace that was done, or failed. */
  readonly onResult?: ((result: SyncedNamespace) => void) | undefined
  /**
   * Whether to go on until `signal` is aborted: renew credentials before they expire, take in namespaces that are new,
   * and come back to those that failed. Default: `true` when there is a `signal` and something to go on for, which is an
   * `expiresAt` or a `labelSelector`.
   */
  readonly watch?: boolean | undefined
}

/** What became of one namespace. */
export type SyncedNamespace =
  | (EnsureResult & { readonly serviceAccount?: ServiceAccountResult; readonly error?: never })
  | {
      readonly action: 'failed'
      readonly namespace: string
      readonly name: string
      readonly error: Error
      readonly secret?: never
    }

/** The state of one sync. */
export interface SyncRun {
  /** What goes into the secrets from now on. */
  current: CurrentContent
  readonly core: CoreV1Api
  readonly results: Map<string, SyncedNamespace>
  /** The session for what is sent now. */
  session(): Session
  /** Brings one namespace up to date; a second call while the first is under way comes after it. */
  one(namespace: string): Promise<void>
  /** Brings these up to date, and waits for all of them even when the signal ends it. */
  all(namespaces: readonly string[]): Promise<void>
}

/** A sync that has not done anything yet. */
export function createRun(core: CoreV1Api, options: SyncOptions, current: CurrentContent): SyncRun {
  const { signal, concurrency = 10, name = PULL_SECRET_NAME, serviceAccount, onResult } = options
  const { labels, annotations, strategy, fieldManager, force } = options
  const how = { name, labels, annotations, strategy, fieldManager, force }
  const queue = createQueue(concurrency)
  const underWay = new Map<string, Promise<void>>()
  const results = new Map<string, SyncedNamespace>()
  const session = recentSession(core, options)

  async function ensure(namespace: string): Promise<SyncedNamespace> {
    try {
      const logger = withNamespace(options.logger, namespace)
      const done = await ensureIn(session(), namespace, { ...how, ...run.current.content, logger })
      if (serviceAccount === undefined || done.action === 'skipped') return done
      const waitSeconds = 30
      const attach = { namespace, serviceAccount, secret: name, logger, waitSeconds }
      return { ...done, serviceAccount: await attachIn(session(), attach) }
    } catch (error) {
      signal?.throwIfAborted()
      return { action: 'failed', namespace, name, error: error instanceof Error ? error : new Error(String(error)) }
    }
  }

  const run: SyncRun = {
    current,
    core,
    results,
    session,
    one: (namespace) => {
      const before = underWay.get(namespace) ?? Promise.resolve()
      const task = before.then(() =>
        queue(async () => {
          signal?.throwIfAborted()
          const result = await ensure(namespace)
          results.set(namespace, result)
          onResult?.(result)
        }),
      )
      const settled = task.then(
        () => undefined,
        () => undefined,
      )
      underWay.set(namespace, settled)
      return task
    },
    all: async (namespaces) => {
      const outcomes = await Promise.allSettled([...new Set(namespaces)].map((each) => run.one(each)))
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
    },
  }
  return run
}

/** A kubeconfig may renew its own credentials, which a session does not see: so it lasts a minute. */
function recentSession(core: CoreV1Api, options: RequestOptions): () => Session {
  let session: Session | undefined
  let until = 0
  return () => {
    if (session === undefined || session.clock.now() > until) {
      session = sessionFor(core, options)
      until = session.clock.now() + 60_000
    }
    return session
  }
}

/** The lines of {@link ensureIn}, each with the namespace that it is about. */
function withNamespace(logger: Logger | undefined, namespace: string): Logger | undefined {
  if (logger === undefined) return undefined
  const at =
    (level: keyof Logger): LogMethod =>
    (fields, message) =>
      logger[level]({ ...fields, namespace }, message)
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
