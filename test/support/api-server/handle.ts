import type { IncomingMessage, ServerResponse } from 'node:http'
import { fieldsOf, entry } from './managed-fields.js'
import { isMap, type Resource } from './objects.js'
import { authenticate, authorize, grant } from './rbac.js'
import { type Answer, type Call, create, get, list, patch, remove, replace } from './requests.js'
import { parseBody, route, verbOf } from './route.js'
import { badRequest, Failure, internal } from './status.js'
import type { Store } from './store.js'
import { watch } from './watch.js'

const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'

/** Answers one request as kube-apiserver does. `undefined`: a watch, which goes on answering by itself. */
export function handle(
  store: Store,
  tokens: ReadonlyMap<string, string>,
  request: IncomingMessage,
  bytes: Buffer,
  response: ServerResponse,
): Answer | undefined {
  const url = new URL(request.url ?? '/', 'https://localhost')
  const body = parseBody(request, bytes)
  const user = authenticate(request.headers.authorization, tokens)
  if (url.pathname === REVIEWS) return review(store, user, body, request.headers['user-agent'])
  const { resource, namespace, name } = route(url.pathname)
  const method = request.method ?? 'GET'
  const watching = url.searchParams.get('watch') === 'true'
  authorize(store, user, { verb: verbOf(method, name, watching), resource, namespace, name })
  if (watching) {
    watch(store, resource, namespace, url.searchParams, response)
    return undefined
  }
  const contentType = request.headers['content-type'] ?? ''
  const call: Call = {
    ...{ method, resource, namespace, name, contentType, body },
    ...{ query: url.searchParams, userAgent: request.headers['user-agent'] },
  }
  checkDryRun(url.searchParams)
  const applying = method === 'PATCH' && contentType.startsWith('application/apply-patch')
  if (applying && name !== undefined && !store.read(resource, namespace, name)) {
    authorize(store, user, { verb: 'create', resource, namespace, name })
  }
  return answer(store, call)
}

function answer(store: Store, call: Call): Answer {
  switch (call.method) {
    case 'GET':
      return call.name === undefined ? list(store, call) : get(store, call)
    case 'POST':
      return create(store, call)
    case 'PUT':
      return replace(store, call)
    case 'PATCH':
      return patch(store, call)
    case 'DELETE':
      return remove(store, call)
    default:
      throw new Failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
  }
}

function checkDryRun(query: URLSearchParams): void {
  const dryRun = query.get('dryRun')
  if (dryRun !== null && dryRun !== 'All') throw badRequest(`invalid dryRun: "${dryRun}"`)
}

/** A SelfSubjectAccessReview, which everybody with a name may make. */
function review(store: Store, user: string, body: unknown, userAgent: string | undefined): Answer {
  const spec = isMap(body) && isMap(body['spec']) ? body['spec'] : undefined
  const wanted = spec?.['resourceAttributes'] as Record<string, string> | undefined
  if (!spec || !wanted) throw internal('spec.resourceAttributes is required')
  const resource = { plural: wanted['resource'] ?? '', group: wanted['group'] ?? '' } as Resource
  const { verb = '', namespace, name } = wanted
  const reason = grant(store, user, { verb, resource, namespace, name })
  const allowed = reason !== undefined
  const set = fieldsOf({ spec }, resource, true)
  const apiVersion = 'authorization.k8s.io/v1'
  const manager = userAgent?.split('/')[0] ?? 'unknown'
  const metadata = { managedFields: [entry(manager, 'Update', apiVersion, set)] }
  const status = { allowed, ...(reason !== undefined && reason !== '' && { reason }) }
  return { status: 201, body: { kind: 'SelfSubjectAccessReview', apiVersion, metadata, spec, status } }
}
