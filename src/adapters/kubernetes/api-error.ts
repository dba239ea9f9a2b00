import { PullpassError, type PullpassErrorCode } from '../../errors.js'
import { redact } from '../../failures/redact.js'
import { MASK } from '../../masking.js'
import { isConnectionFailure, readStatus, type Status, type StatusCause } from './api-status.js'

/** What was asked of the API server. */
export interface Target {
  /** As RBAC names it: `get`, `list`, `create`, `patch`, `delete`. */
  readonly verb: string
  /** `secrets` */
  readonly resource: string
  /** Absent for what is not in a namespace. */
  readonly namespace?: string
  readonly name?: string
}

/** A request that failed, with what is needed to decide what comes next. */
export class ApiError extends PullpassError {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  /** The API server's own word: `AlreadyExists`, `Conflict`. Empty when it gave none. */
  readonly reason: string
  readonly causes: readonly StatusCause[]
  /** Seconds to wait, where the server says so. */
  readonly retryAfter: number | undefined
  /** Whether the same request may succeed later. */
  readonly mayPass: boolean

  constructor(told: Told, status: Status) {
    super(told.code, told.message, { hint: told.hint, ...(told.cause instanceof Error && { cause: told.cause }) })
    this.status = status.code
    this.reason = status.reason
    this.causes = status.causes
    this.retryAfter = status.retryAfter
    this.mayPass = told.mayPass ?? false
  }
}

interface Told {
  readonly code: PullpassErrorCode
  readonly message: string
  readonly hint: string
  readonly mayPass?: boolean
  readonly cause?: unknown
}

/**
 * What client-node threw as a typed error. Its `ApiException` has the answer's body and headers in its message, so it
 * never becomes a cause, and of the body no more than the words of the API server are taken.
 *
 * @param secrets What must not appear in the message, whatever the server repeats.
 * @param now Milliseconds since 1970, for a `Retry-After` that is a date.
 */
export function apiError(
  thrown: unknown,
  target: Target,
  secrets: readonly string[] = [],
  now: number = Date.now(),
): ApiError {
  if (thrown instanceof ApiError) return thrown
  const status = readStatus(thrown, now)
  const mask = (words: string): string => secrets.reduce((text, secret) => text.replaceAll(secret, MASK), words)
  const causes = status.causes.map((cause) => ({ ...cause, message: mask(cause.message) }))
  const masked = { ...status, causes, message: redact(mask(status.message)) }
  return new ApiError(tell(thrown, target, masked), masked)
}

/** `create secrets "x" in namespace "y"` */
function describe({ verb, resource, namespace, name }: Target): string {
  const what = name === undefined ? resource : `${resource} "${name}"`
  return `${verb} ${what}${namespace === undefined ? '' : ` in namespace "${namespace}"`}`
}

function tell(thrown: unknown, target: Target, status: Status): Told {
  const what = describe(target)
  if (status.code === 0) return tellNoAnswer(thrown, what, status)
  if (status.code === 401) {
    return {
      code: 'ERR_KUBERNETES_UNAUTHORIZED',
      message: `the Kubernetes API server does not know who asks: cannot ${what}`,
      hint: 'Renew the token or the client certificate of the kubeconfig; in a pod, see that its service account exists.',
    }
  }
  if (status.code === 403) return tellForbidden(target, what, status)
  if (status.code === 404) return tellNotFound(target, what, status)
  if (status.code === 409) return tellConflict(target, what, status)
  if (status.code === 413 || status.causes.some(({ reason }) => reason === 'FieldValueTooLong')) {
    return {
      code: 'ERR_KUBERNETES_TOO_LARGE',
      message: `too large for the Kubernetes API server: cannot ${what}: ${status.message}`,
      hint: 'A Secret holds 1 MiB. Put the registries into several secrets.',
    }
  }
  if (status.code === 429 || status.code >= 500) {
    return {
      code: 'ERR_KUBERNETES_UNAVAILABLE',
      message: `the Kubernetes API server cannot ${what} now: HTTP ${status.code}${colon(status.message)}`,
      hint: 'Try again later; if it goes on, look at the health and the load of the control plane.',
      mayPass: true,
    }
  }
  return {
    code: 'ERR_KUBERNETES_INVALID',
    message: `the Kubernetes API server refuses to ${what}: HTTP ${status.code}${colon(status.message)}`,
    hint: 'Correct what the message names.',
  }
}

function tellNoAnswer(thrown: unknown, what: string, { message }: Status): Told {
  if (isConnectionFailure(thrown)) {
    const cause = (thrown as Error).cause
    // Of `applyProxy`: it is the proxy's fault.
    if (cause instanceof PullpassError) {
      const { code, hint = '' } = cause
      return {
        code,
        hint,
        message: `cannot ${what}: ${cause.message}`,
        mayPass: code === 'ERR_PROXY_UNREACHABLE',
        cause,
      }
    }
    return {
      code: 'ERR_KUBERNETES_UNREACHABLE',
      message: `the Kubernetes API server does not answer: cannot ${what}${colon(message)}`,
      hint: 'Check the server of the kubeconfig, the network and the proxy in between, and its certificate authority.',
      mayPass: !message.includes('CERT') && !message.includes('SIGNATURE'),
      ...(cause instanceof Error && { cause }),
    }
  }
  // The words of client-node, which takes http://localhost:8080 where loadFromDefault finds nothing.
  if (message.includes('HTTP protocol is not allowed')) {
    return {
      code: 'ERR_KUBERNETES_UNREACHABLE',
      message: `cannot ${what}: the server of the kubeconfig is an http: URL, as it is where no kubeconfig was found`,
      hint: 'Set KUBECONFIG to the file, or write ~/.kube/config; in a pod, see that it has a service account. If http: is meant, set insecure-skip-tls-verify.',
    }
  }
  return {
    code: 'ERR_UNKNOWN',
    message: `cannot ${what}${colon(message)}`,
    hint: 'The request was not sent, or its answer not understood: check the kubeconfig, and the program that it takes credentials from.',
  }
}

function tellForbidden(target: Target, what: string, { message, causes }: Status): Told {
  if (causes.some(({ reason }) => reason === 'NamespaceTerminating')) {
    return {
      code: 'ERR_KUBERNETES_NAMESPACE_TERMINATING',
      message: `namespace "${target.namespace ?? ''}" is being deleted: cannot ${what}`,
      hint: 'Wait until it is gone, make it anew, and try again.',
    }
  }
  const user = between(message, ' cannot ', 'User "')
  if (user === undefined) {
    return {
      code: 'ERR_KUBERNETES_FORBIDDEN',
      message: `the Kubernetes API server refuses to ${what}${colon(message)}`,
      hint: 'The permission is there; a quota or an admission policy of the cluster stands against it.',
    }
  }
  return {
    code: 'ERR_KUBERNETES_FORBIDDEN',
    message: `${user} may not ${what}`,
    hint: 'Apply the Role that pullSecretRole makes, and bind it; checkPermissions tells what is missing.',
  }
}

function tellNotFound({ namespace }: Target, what: string, { kind, name }: Status): Told {
  if (kind === 'namespaces' && namespace !== undefined) {
    return {
      code: 'ERR_KUBERNETES_NOT_FOUND',
      message: `namespace "${namespace}" does not exist: cannot ${what}`,
      hint: 'Create the namespace, or correct its name.',
    }
  }
  const missing = kind === '' ? '' : `: ${kind} "${name}" does not exist`
  return {
    code: 'ERR_KUBERNETES_NOT_FOUND',
    message: `cannot ${what}${missing}`,
    hint:
      kind === ''
        ? 'Check the server of the kubeconfig: it has nothing at this path.'
        : 'Create it, or correct its name.',
  }
}

function tellConflict({ verb }: Target, what: string, { causes, message, reason }: Status): Told {
  const managers = conflictingManagers(causes)
  if (managers.length > 0) {
    const fields = causes.map(({ field }) => field).join(', ')
    return {
      code: 'ERR_KUBERNETES_CONFLICT',
      message: `cannot ${what}: ${fields} belongs to ${managers.map((manager) => `"${manager}"`).join(', ')}`,
      hint: 'Let one of them manage it: leave it to the other, or take it over with force.',
    }
  }
  return {
    code: 'ERR_KUBERNETES_CONFLICT',
    message: `cannot ${what}: ${reason === 'AlreadyExists' ? 'it exists already' : 'it was changed by somebody else'}${colon(message)}`,
    hint: 'Try again. If it goes on, something else writes the same object.',
    // What is new has no other version: the namespace's quota was counted twice at once.
    mayPass: verb === 'create' && reason === 'Conflict',
  }
}

/** Who owns the fields that a server-side apply wanted: `conflict with "helm" using v1`. */
export function conflictingManagers(causes: readonly StatusCause[]): string[] {
  const conflicts = causes.filter(({ reason }) => reason === 'FieldManagerConflict')
  return [...new Set(conflicts.map(({ message }) => between(message, '"', 'conflict with "') ?? 'another manager'))]
}

/** What stands in `text` after `before`, up to `after`. */
function between(text: string, after: string, before: string): string | undefined {
  const start = text.indexOf(before)
  const end = start < 0 ? -1 : text.indexOf(after, start + before.length)
  return end < 0 ? undefined : text.slice(start + before.length, end).replace(/"$/, '')
}

function colon(words: string): string {
  return words === '' ? '' : `: ${words}`
}
