import type { IncomingMessage } from 'node:http'
import { RESOURCES, type Resource } from './objects.js'
import { badRequest, Failure, noSuchPath } from './status.js'

/** What a path names. */
export interface Route {
  readonly resource: Resource
  readonly namespace: string | undefined
  readonly name: string | undefined
}

const LARGEST_BODY = 3 * 1024 * 1024

/** `/api/v1/namespaces/connectors/secrets/x` and `/apis/GROUP/v1/...`. */
export function route(path: string): Route {
  const parts = path.split('/').slice(1).map(decodeURIComponent)
  const group = parts[0] === 'api' ? '' : parts[1]
  const rest = parts.slice(parts[0] === 'api' ? 2 : 3)
  const inside = rest[0] === 'namespaces' && rest.length > 2
  const namespace = inside ? rest[1] : undefined
  const [plural, name] = inside ? rest.slice(2) : rest
  const resource = RESOURCES.find((each) => each.plural === plural && each.group === group)
  if (!resource || resource.namespaced !== inside) {
    const everywhere = resource?.namespaced === true && name === undefined
    if (!everywhere) throw noSuchPath()
  }
  return { resource, namespace, name }
}

export function parseBody(request: IncomingMessage, bytes: Buffer): unknown {
  if (bytes.length > LARGEST_BODY) {
    throw new Failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${LARGEST_BODY}`)
  }
  // A DELETE without a length has no body for the API server: its preconditions would be lost without a word.
  if (request.method === 'DELETE' && request.headers['content-length'] === undefined) return undefined
  const text = bytes.toString()
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${(error as Error).name}`)
  }
}

/** The verb that RBAC knows a request by. */
export function verbOf(method: string, name: string | undefined, watching: boolean): string {
  if (watching) return 'watch'
  const verbs: Record<string, string> = { GET: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }
  return method === 'GET' && name === undefined ? 'list' : (verbs[method] ?? method.toLowerCase())
}
