import type { Dispatcher } from 'undici'
import type { CredentialSource, TraceLine } from '../credentials/index.js'
import type { PullpassErrorCode } from '../errors.js'
import type { Logger } from '../logger.js'
import type { Env, Settings } from '../settings/types.js'
import type { PullCheck } from './types.js'

/** Options of `explainPull`. */
export interface ExplainPullOptions {
  /** What `loadSettings` returns, or parts of it. Without it no registry and no proxy are configured. */
  readonly settings?: Partial<Settings> | undefined
  /** For `defaultCredentials`. Default: the environment of the process. */
  readonly env?: Env | undefined
  /** In the place of `defaultCredentials`. */
  readonly credentials?: CredentialSource | undefined
  /** In the place of the proxy in the settings. */
  readonly dispatcher?: Dispatcher | undefined
  /** Certificate authorities of registries and token servers, as PEM, besides the default ones. */
  readonly ca?: readonly string[] | undefined
  /** As for `createRegistryClient`. */
  readonly tokenServers?: readonly string[] | undefined
  /** What the image has to run on: `linux/amd64`. Default: whatever it is for. */
  readonly platform?: string | undefined
  /** How long it may take in all, in seconds. Default 60. */
  readonly timeout?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly logger?: Logger | undefined
}

/** The whole way of a pull, and where it ends. Holds no secrets. */
export interface PullExplanation {
  readonly image: ImageExplanation
  /** Absent when it did not come to that. */
  readonly credentials?: CredentialExplanation
  /** One for each server that was asked, the registry first. */
  readonly routes: readonly RouteExplanation[]
  /** Every request, in order, redirects and failed attempts included. */
  readonly exchange: readonly ExchangeLine[]
  readonly verdict: PullVerdict
  /** What is allowed by the settings but should be known. */
  readonly warnings: readonly string[]
}

/** What became of the image's name. */
export interface ImageExplanation {
  readonly given: string
  /** The full name: `docker.io/library/alpine:3.18`. Absent when the name or the settings are not valid. */
  readonly resolved?: string
  /** By which rule, in a sentence. */
  readonly rule: string
}

/** Who pulls, and why. */
export interface CredentialExplanation {
  /** The name of the source; `anonymous` when no source knew any. */
  readonly source: string
  /** `user 'puller'`; absent when there were none. */
  readonly found?: string
  /** One line a source, in the order in which they are asked. */
  readonly trace: readonly TraceLine[]
}

/** How a server is reached. */
export interface RouteExplanation {
  readonly to: Counterpart
  /** `https://registry.example.com` */
  readonly origin: string
  /** `given`: by the dispatcher in the options. */
  readonly kind: 'direct' | 'proxy' | 'given'
  /** The proxy, without its user. */
  readonly proxy?: string
  /** Why directly, in words. */
  readonly reason?: string
  readonly tls: {
    readonly encrypted: boolean
    /** Whether its certificate has to be good. */
    readonly verified: boolean
    /** How many certificate authorities are trusted besides the default ones. */
    readonly extraAuthorities: number
  }
}

/** Whom a request was sent to; `elsewhere` is where the registry redirects to. */
export type Counterpart = 'registry' | 'token server' | 'elsewhere'

/** A request, and what came of it. */
export interface ExchangeLine {
  readonly to: Counterpart
  readonly method: string
  /** Without user info; of the query only what the token specification has. */
  readonly url: string
  /** What kind of credentials was sent along. */
  readonly offered: 'nothing' | 'user and password' | 'identity token' | 'registry token' | 'token'
  /** Absent when there was no answer. */
  readonly status?: number
  /** What a 401 asks for: `Bearer realm="https://…"`. */
  readonly challenges?: readonly string[]
  /** Where a redirect leads, without its query. */
  readonly location?: string
  /** Why there was no answer. */
  readonly failure?: { readonly code: PullpassErrorCode; readonly message: string }
}

/** Whether the image can be pulled. */
export type PullVerdict =
  | ({ readonly pullable: true } & Omit<PullCheck, 'source'>)
  | {
      readonly pullable: false
      readonly code: PullpassErrorCode
      readonly message: string
      /** What to do about it. */
      readonly remedy: string | undefined
      /** Whether the same may succeed later, with nothing changed. */
      readonly retryable: boolean
    }
