import type { PullpassErrorCode } from '../errors.js'

/** One thing that was said about a pull, by whoever said it. */
export interface Statement {
  /** The words, as they were said: not redacted yet. */
  readonly words: string
  /** `code` of each error in the chain, the outermost first. */
  readonly codes: readonly string[]
  /** HTTP status that a registry answered, where an error carries it. */
  readonly status?: number | undefined
  /** The `Retry-After` that came with it. */
  readonly retryAfter?: string | undefined
  /** kubelet said it. */
  readonly kubelet?: boolean
  /** What kubelet's reason alone means, where its words do not tell. */
  readonly fallback?: PullpassErrorCode | undefined
  /** Only a secret that cannot be read is told by these words. */
  readonly onlySecret?: boolean
  /** It is about something else than a pull that failed: a pull that succeeded, or a container. */
  readonly about?: 'pulled' | 'other'
  /** The error of this library that it is. */
  readonly own?: { readonly code: PullpassErrorCode; readonly hint?: string | undefined }
  /** When it was said, in milliseconds, where that is known. */
  readonly time?: number | undefined
}
