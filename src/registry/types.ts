import type { Dispatcher } from 'undici'
import type { Clock } from '../clock.js'
import type { CredentialSource } from '../credentials/index.js'
import type { Logger } from '../logger.js'
import type { ProxySettings, RetrySettings } from '../settings/types.js'

/** Options of `createRegistryClient`. */
export interface RegistryClientOptions {
  /**
   * Who asks. Credentials as such are for every registry that this client is asked about; a provider or a chain is
   * asked for each image. Absent: anonymous.
   */
  readonly credentials?: CredentialSource | undefined
  /** The way out, by `planRoute`. Absent: everything is reached directly. */
  readonly proxy?: ProxySettings | undefined
  /**
   * undici's own, in the place of `proxy`. It stays yours to close. What it connects to is its own affair: host names
   * of token servers are not held against the addresses that they resolve to, and `insecure` only allows plain HTTP.
   */
  readonly dispatcher?: Dispatcher | undefined
  /**
   * Certificate authorities of registries and token servers, as PEM, besides the default ones. Not with `dispatcher`.
   */
  readonly ca?: readonly string[] | undefined
  /** How long a registry token is kept at most, in seconds; less where the registry says so. Default 1800. */
  readonly tokenTtl?: number | undefined
  /** For what may pass: lost connections, 408, 429, 5xx. Default 3 times, the first of them after 5 s. */
  readonly retry?: Partial<RetrySettings> | undefined
  /** How long one call may take in all, in seconds, its retries included. Default 120. */
  readonly timeout?: number | undefined
  /**
   * Registries (`registry.example.com:5000`) that may show any certificate or speak plain HTTP; `true` for all. Not for
   * production: whoever is in between gets the credentials. Logged as a warning at each call. Default none.
   */
  readonly insecure?: boolean | readonly string[] | undefined
  /**
   * Hosts that registries may name as their token servers although they are at private addresses. Not needed where
   * they are the registry's own. Default none.
   */
  readonly tokenServers?: readonly string[] | undefined
  /** By which tokens expire and retries wait; `timeout` does not go by it. Default: the machine's. For tests. */
  readonly clock?: Clock | undefined
  /** Stops every call of the client. */
  readonly signal?: AbortSignal | undefined
  readonly logger?: Logger | undefined
}

/** Options of each call of a {@link RegistryClient}. */
export interface CallOptions {
  /** Stops the call at once, whatever it waits for. */
  readonly signal?: AbortSignal | undefined
}

/** Options of `checkPull`. */
export interface CheckPullOptions extends CallOptions {
  /** What the image has to run on: `linux/amd64`, `linux/arm64/v8`. Default: whatever the image is for. */
  readonly platform?: string | undefined
}

/** What is known of an image that may be pulled. */
export interface PullCheck {
  /** The full name: `docker.io/library/alpine:3.18`. */
  readonly image: string
  /** What the name stands for, index or manifest: `sha256:…`. */
  readonly digest: string
  /** Of that: `application/vnd.oci.image.index.v1+json`, for one. */
  readonly mediaType: string
  /** What the image is for: `linux/amd64`. Absent where it does not say. */
  readonly platforms?: readonly string[]
  /** Bytes to transfer, compressed: of the platform that was asked for, or of an image for one platform alone. */
  readonly size?: number
  /** Where the credentials came from; `anonymous` where there were none. */
  readonly source: string
}

/** What a registry said to credentials. */
export interface CredentialCheck {
  /** As in an image name: `docker.io`, `registry.example.com:5000`. */
  readonly registry: string
  /** `false` where the registry lets everybody in, and so did not look at them, or where there were none. */
  readonly authenticated: boolean
  /** Where they came from; `anonymous` where there were none. */
  readonly source: string
  /** Absent for tokens. */
  readonly username?: string
}

/** Asks registries, as an engine would, before the engine has to. */
export interface RegistryClient extends AsyncDisposable {
  /**
   * Whether an image can be pulled: reads its manifest and its configuration, which is what an engine does before it
   * turns to the layers. Counts as a pull where a registry counts them.
   *
   * @throws {PullpassError} Why it cannot: `ERR_AUTHENTICATION_REQUIRED`, `ERR_UNAUTHORIZED`, `ERR_ACCESS_DENIED`,
   * `ERR_IMAGE_NOT_FOUND`, `ERR_IMAGE_REFERENCE`, `ERR_PLATFORM_MISMATCH`, `ERR_CONTENT_CORRUPT`, `ERR_RATE_LIMITED`,
   * `ERR_REGISTRY_FAULT`, or why the registry was not reached.
   */
  checkPull(image: string, options?: CheckPullOptions): Promise<PullCheck>
  /**
   * The digest that an image name stands for, `sha256:…`. Does not count as a pull.
   *
   * @throws {PullpassError} As `checkPull`, platform aside.
   */
  resolveDigest(image: string, options?: CallOptions): Promise<string>
  /**
   * Whether a registry knows the credentials: what `docker login` would find out. `registry` may have a namespace
   * (`registry.example.com/team`), for credentials that are for a part of a registry.
   *
   * @throws {PullpassError} `ERR_UNAUTHORIZED` when it refuses them, `ERR_AUTHENTICATION_REQUIRED` when it wants some
   * and there are none, `ERR_SETTINGS` when `registry` is not one, or why it was not reached.
   */
  checkCredentials(registry: string, options?: CallOptions): Promise<CredentialCheck>
  /** Ends the connections. Calls under way fail. A `dispatcher` that was given stays open. */
  close(): Promise<void>
}
