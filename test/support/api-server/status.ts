import type { Resource } from './objects.js'

/** What the server answers instead of the object: the `Status` of a failed request, thrown. */
export class Failure extends Error {
  readonly code: number
  readonly body: Record<string, unknown>
  readonly headers: Record<string, string>

  constructor(code: number, reason: string, message: string, details?: object, headers: Record<string, string> = {}) {
    super(message)
    this.code = code
    this.headers = headers
    const head = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' }
    this.body = { ...head, message, reason, ...(details && { details }), code }
  }
}

/** One cause of an `Invalid`, as field validation of the API server words it. */
export interface Cause {
  readonly reason: string
  readonly message: string
  readonly field: string
}

function details(resource: Resource, name: string | undefined, rest: object = {}): object {
  const group = resource.group === '' ? {} : { group: resource.group }
  return { ...(name !== undefined && { name }), ...group, kind: resource.plural, ...rest }
}

/** `secrets` or `roles.rbac.authorization.k8s.io`. */
function qualified(resource: Resource): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`
}

export function notFound(resource: Resource, name: string): Failure {
  return new Failure(404, 'NotFound', `${qualified(resource)} "${name}" not found`, details(resource, name))
}

export function alreadyExists(resource: Resource, name: string, deleting: boolean): Failure {
  const message = `${deleting ? 'object is being deleted: ' : ''}${qualified(resource)} "${name}" already exists`
  return new Failure(409, 'AlreadyExists', message, details(resource, name))
}

export function modified(resource: Resource, name: string): Failure {
  const why = 'the object has been modified; please apply your changes to the latest version and try again'
  const message = `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`
  return new Failure(409, 'Conflict', message, details(resource, name))
}

export function preconditionFailed(resource: Resource, name: string, why: string): Failure {
  const message = `Operation cannot be fulfilled on ${resource.kind} "${name}": ${why}`
  return new Failure(409, 'Conflict', message, { name, kind: resource.kind })
}

export function applyConflict(message: string, causes: readonly Cause[]): Failure {
  return new Failure(409, 'Conflict', message, { causes })
}

export function invalid(kind: string, name: string, causes: readonly Cause[], group?: string): Failure {
  const each = causes.map(({ field, message }) => `${field}: ${message}`)
  const list = each.length === 1 ? each[0] : `[${each.join(', ')}]`
  const qualifiedKind = group === undefined ? kind : `${kind}.${group}`
  const message = `${qualifiedKind} "${name}" is invalid: ${list ?? ''}`
  const about = { ...(name !== '' && { name }), ...(group !== undefined && { group }), kind, causes }
  return new Failure(422, 'Invalid', message, about)
}

export function badRequest(message: string): Failure {
  return new Failure(400, 'BadRequest', message)
}

export function unauthorized(): Failure {
  return new Failure(401, 'Unauthorized', 'Unauthorized')
}

export function forbidden(resource: Resource, name: string | undefined, why: string, rest: object = {}): Failure {
  const subject = name === undefined ? qualified(resource) : `${qualified(resource)} "${name}"`
  return new Failure(403, 'Forbidden', `${subject} is forbidden: ${why}`, details(resource, name, rest))
}

export function terminating(resource: Resource, name: string, namespace: string): Failure {
  const cause = { reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated` }
  const causes = [{ ...cause, field: 'metadata.namespace' }]
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`
  return forbidden(resource, name, why, { causes })
}

export function unsupportedMediaType(): Failure {
  return new Failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})
}

export function unprocessablePatch(): Failure {
  return new Failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {})
}

export function tooManyRequests(seconds: number): Failure {
  const message = 'too many requests, please try again later.'
  return new Failure(
    429,
    'TooManyRequests',
    message,
    { retryAfterSeconds: seconds },
    { 'retry-after': String(seconds) },
  )
}

export function internal(message: string): Failure {
  return new Failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] })
}

export function gone(message: string): Failure {
  return new Failure(410, 'Expired', message)
}

export function noSuchPath(): Failure {
  return new Failure(404, 'NotFound', 'the server could not find the requested resource', {})
}
