import { type Clock, clockOf } from '../clock.js'
import { checkObject } from '../kind-of.js'
import { AnswerCache } from './cache.js'
import type { LookUp, NamedProvider, ProvidedCredentials, ProviderObject } from './chain.js'

/** Options of {@link cachedProvider}. */
export interface CacheOptions {
  /** Seconds for which an answer is kept, or until its `expiresAt` where that is sooner. Default: 60. */
  readonly cacheTtl?: number | undefined
  /** By which answers grow old. Default: the machine's. For tests. */
  readonly clock?: Clock | undefined
}

/** Seconds for which an answer is kept unless an option says otherwise. */
export const DEFAULT_CACHE_TTL = 60

interface NotedAnswer {
  readonly credentials: ProvidedCredentials | undefined
  readonly asked: string | undefined
  readonly detail: string
}

/**
 * A source of credentials that is asked once a repository and not again while its answer is good: for one's own
 * provider that asks a vault or a cloud. Those who ask at the same time share one look-up, which ends when the last of
 * them is aborted. That nothing was found is kept too; a failure is not.
 *
 * @returns A source of the same name. Its `refresh` forgets the answers.
 * @throws {TypeError} When `provider` is none, `cacheTtl` no number of seconds, or `clock` none.
 */
export function cachedProvider(
  provider: NamedProvider,
  { cacheTtl = DEFAULT_CACHE_TTL, clock }: CacheOptions = {},
): ProviderObject {
  const { name, provide, refresh } = asObject(provider)
  const answers = new AnswerCache<NotedAnswer>(checkCacheTtl(cacheTtl), clockOf(clock))
  return {
    name,
    provide: async (reference, lookUp) => {
      const ask = async (signal: AbortSignal): Promise<{ value: NotedAnswer; expiresAt: Date | undefined }> => {
        let asked: string | undefined
        let detail = ''
        const notes: LookUp = { signal, note: (text) => void (detail = text), ask: (what) => void (asked = what) }
        const credentials = await provide(reference, notes)
        return { value: { credentials, asked, detail }, expiresAt: credentials?.expiresAt }
      }
      const key = `${reference.registry}/${reference.repository}`
      const { credentials, asked, detail } = await answers.get(key, ask, lookUp.signal)
      if (asked !== undefined) lookUp.ask(asked)
      lookUp.note(detail)
      return credentials
    },
    refresh: () => {
      answers.clear()
      refresh?.()
    },
  }
}

/** @throws {TypeError} Unless it is a number of seconds. */
export function checkCacheTtl(cacheTtl: number): number {
  if (typeof cacheTtl === 'number' && cacheTtl >= 0) return cacheTtl
  throw new TypeError(`cacheTtl must be a number of seconds, not ${String(cacheTtl)}`)
}

function asObject(provider: NamedProvider): ProviderObject {
  if (typeof provider === 'function') return { name: provider.name || 'provider', provide: provider }
  checkObject(provider, 'provider')
  return provider
}
