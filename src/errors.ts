/**
 * What went wrong, as a stable word to branch on. The list of what each means and what to do is in
 * `docs/errors.md`.
 */
export type PullpassErrorCode =
  // What pulling an image can end with.
  | 'ERR_AUTHENTICATION_REQUIRED'
  | 'ERR_UNAUTHORIZED'
  | 'ERR_ACCESS_DENIED'
  | 'ERR_IMAGE_NOT_FOUND'
  | 'ERR_IMAGE_REFERENCE'
  | 'ERR_IMAGE_NEVER_PULL'
  | 'ERR_PLATFORM_MISMATCH'
  | 'ERR_CONNECTION_REFUSED'
  | 'ERR_CONNECTION_LOST'
  | 'ERR_HOST_NOT_FOUND'
  | 'ERR_TIMEOUT'
  | 'ERR_CERTIFICATE_UNKNOWN_AUTHORITY'
  | 'ERR_CERTIFICATE_HOST_MISMATCH'
  | 'ERR_CERTIFICATE_EXPIRED'
  | 'ERR_TLS'
  | 'ERR_PLAIN_HTTP_REGISTRY'
  | 'ERR_RATE_LIMITED'
  | 'ERR_PULL_THROTTLED'
  | 'ERR_REGISTRY_FAULT'
  | 'ERR_CONTENT_CORRUPT'
  | 'ERR_NO_SPACE'
  | 'ERR_PROXY'
  | 'ERR_PROXY_AUTHENTICATION_REQUIRED'
  | 'ERR_PROXY_UNREACHABLE'
  | 'ERR_PULL_SECRET_MISSING'
  | 'ERR_PULL_SECRET_INVALID'
  | 'ERR_CREDENTIALS'
  | 'ERR_UNKNOWN'
  // What stands in front of the engine refused, not the registry.
  | 'ERR_PORTAINER'
  // The image is there, and the engine does not launch it.
  | 'ERR_DEPLOY'
  | 'ERR_CONTAINER_EXISTS'
  // What the API server of a Kubernetes cluster answered, or that it did not.
  | 'ERR_KUBERNETES_UNAUTHORIZED'
  | 'ERR_KUBERNETES_FORBIDDEN'
  | 'ERR_KUBERNETES_NOT_FOUND'
  | 'ERR_KUBERNETES_NAMESPACE_TERMINATING'
  | 'ERR_KUBERNETES_CONFLICT'
  | 'ERR_KUBERNETES_INVALID'
  | 'ERR_KUBERNETES_TOO_LARGE'
  | 'ERR_KUBERNETES_UNAVAILABLE'
  | 'ERR_KUBERNETES_UNREACHABLE'
  // What was written in a configuration is wrong.
  | 'ERR_SETTINGS'

/** Options of {@link PullpassError}. */
export interface PullpassErrorOptions {
  /** What to do about it, in one or two sentences. */
  readonly hint?: string | undefined
  /** The error behind this one. Never one that carries a secret. */
  readonly cause?: unknown
}

/**
 * Every error that pullpass throws for bad data or a failed operation. Misuse of the API by the programmer is a
 * `TypeError` instead. `message` names the registry, the user and the source, never a secret.
 */
export class PullpassError extends Error {
  override readonly name: string = 'PullpassError'
  /** The stable word to branch on. */
  readonly code: PullpassErrorCode
  /** What to do about it, where that is known. */
  readonly hint?: string

  constructor(code: PullpassErrorCode, message: string, options: PullpassErrorOptions = {}) {
    super(message, options)
    this.code = code
    if (options.hint !== undefined) this.hint = options.hint
  }
}
