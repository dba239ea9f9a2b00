import { PullpassError } from '../errors.js'
import { checkObject } from '../kind-of.js'
import type { ImageReference } from '../reference/types.js'
import { abortable } from '../abortable.js'
import { checkCredentials } from './check.js'
import { maskedCredentials } from './masked.js'
import { describeCredentials, type TraceLine } from './trace.js'
import type { Credentials } from './types.js'

/** What a source is told besides the image, and what it can say besides its answer. */
export interface LookUp {
  /** Ends the look-up. */
  readonly signal?: AbortSignal
  /** Says where credentials were found, or why none were, in a few words for the trace. Never a secret. */
  readonly note: (detail: string) => void
  /** Says, for the trace, what the source looks for where that is not the registry's host. */
  readonly ask: (what: string) => void
}

/** Credentials, and until when they are good where their source knows it. */
export type ProvidedCredentials = Credentials & { readonly expiresAt?: Date }

/**
 * Finds credentials for an image, as a `CredentialProvider` does: `undefined` when it knows nothing, an error when the
 * look-up failed. One that takes the image alone is one of these.
 */
export type ProvideCredentials = (
  reference: ImageReference,
  lookUp: LookUp,
) => ProvidedCredentials | undefined | Promise<ProvidedCredentials | undefined>

/** A source of credentials with a name for traces and errors. */
export interface ProviderObject {
  readonly name: string
  readonly provide: ProvideCredentials
  /** Forgets what it has kept of earlier look-ups. */
  readonly refresh?: (() => void) | undefined
}

/** A source of credentials, and what it is called in traces and errors: a named function, or an object. */
export type NamedProvider = ProvideCredentials | ProviderObject

/** What a chain found. Printed with its secrets masked. */
export interface ResolvedCredentials {
  /** Absent when no source knew any: the image is pulled anonymously. */
  readonly credentials: Credentials | undefined
  /** Until when they are good, where the source knows it. */
  readonly expiresAt?: Date
  /** The name of the source that they are from, `anonymous` when there are none. */
  readonly source: string
  /** One line a source, in the order in which they are asked. */
  readonly trace: readonly TraceLine[]
}

/** Options of {@link CredentialChain.resolve}. */
export interface ResolveOptions {
  /** Ends the search at once; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined
}

/** Sources of credentials, one behind the other. */
export interface CredentialChain {
  /** The names of the sources, in the order in which they are asked. */
  readonly sources: readonly string[]
  /**
   * Asks one source after the other until one knows credentials for the image.
   *
   * @throws What a source throws: a look-up that failed is not one that found nothing. The sources behind it are not
   * asked.
   * @throws {PullpassError} `ERR_CREDENTIALS`, naming the source, when what it found cannot be sent.
   * @throws The reason of `signal`, when it is aborted.
   */
  readonly resolve: (reference: ImageReference, options?: ResolveOptions) => Promise<ResolvedCredentials>
  /** Makes the sources forget what they have kept of earlier look-ups: after a `docker login`, say. */
  readonly refresh: () => void
}

/**
 * Puts sources of credentials in a row, to be asked in this order. A chain can be a link of another one, so that a
 * source of one's own goes in front of `defaultCredentials`, or behind it.
 *
 * @throws {TypeError} For what is neither a function, nor an object with `name` and `provide`, nor a chain.
 */
export function credentialChain(...providers: readonly (NamedProvider | CredentialChain)[]): CredentialChain {
  const links = providers.map((provider, index) => asChain(provider, `provider ${index + 1}`))
  return {
    sources: links.flatMap(({ sources }) => sources),
    resolve: async (reference, options) => {
      const trace: TraceLine[] = []
      for (const [index, link] of links.entries()) {
        const resolved = await link.resolve(reference, options)
        trace.push(...resolved.trace)
        if (resolved.credentials === undefined) continue
        const rest = links.slice(index + 1).flatMap(({ sources }) => sources)
        return { ...resolved, trace: [...trace, ...rest.map(notAsked)] }
      }
      return anonymous(trace)
    },
    refresh: () => {
      for (const link of links) link.refresh()
    },
  }
}

function anonymous(trace: readonly TraceLine[]): ResolvedCredentials {
  return { credentials: undefined, source: 'anonymous', trace }
}

function notAsked(source: string): TraceLine {
  return { source, outcome: 'not asked', detail: '' }
}

function asChain(provider: NamedProvider | CredentialChain, position: string): CredentialChain {
  if (typeof provider === 'function') return oneSource({ name: provider.name || position, provide: provider })
  checkObject(provider, `credentialChain: ${position}`)
  if ('resolve' in provider) return provider
  const { name, provide } = provider
  if (typeof name !== 'string' || typeof provide !== 'function') {
    throw new TypeError(`credentialChain: ${position} must be a function, a chain, or have a name and provide`)
  }
  return oneSource(provider)
}

/** A chain of one link. */
function oneSource(provider: ProviderObject): CredentialChain {
  const { name: source } = provider
  return {
    sources: [source],
    resolve: async (reference, { signal } = {}) => {
      checkObject(reference, 'reference')
      signal?.throwIfAborted()
      let detail = ''
      let asked = reference.registry
      const note = (text: string): void => void (detail = text)
      const ask = (what: string): void => void (asked = what)
      const provided = Promise.resolve(provider.provide(reference, { note, ask, ...(signal && { signal }) }))
      const credentials = await abortable(provided, signal)
      if (!credentials) return anonymous([{ source, outcome: 'nothing', asked, detail }])
      const { expiresAt } = credentials
      const checked = check(credentials, source)
      const line: TraceLine = { source, outcome: 'found', asked, found: describeCredentials(checked), detail }
      return { credentials: checked, ...(expiresAt && { expiresAt }), source, trace: [line] }
    },
    refresh: () => provider.refresh?.(),
  }
}

/** A copy of what a source found that can be sent and prints masked. */
function check(provided: ProvidedCredentials, source: string): Credentials {
  const { expiresAt, ...credentials } = provided
  if (expiresAt !== undefined && !(expiresAt instanceof Date && Number.isFinite(expiresAt.getTime()))) {
    throw new TypeError(`${source}: expiresAt must be a valid Date`)
  }
  try {
    checkCredentials(credentials)
  } catch (error) {
    if (!(error instanceof PullpassError)) throw error
    throw new PullpassError(error.code, `${source}: ${error.message}`, { hint: error.hint })
  }
  return maskedCredentials(credentials)
}
