import type { Clock } from '../clock.js'
import { isIdentityToken, isRegistryToken } from '../credentials/check.js'
import { encodeAuth } from '../credentials/index.js'
import type { Credentials } from '../credentials/types.js'
import { PullpassError } from '../errors.js'
import type { HttpResponse } from './http.js'
import { shownUrl } from './http.js'
import { tokenRefusal } from './refusals.js'
import { oneLine } from './server-words.js'
import type { Token } from './token-cache.js'

/** How we call ourselves; OAuth2 asks for it. */
const CLIENT_ID = 'pullpass'

/** What a token lasts where its server does not say, in seconds: the token specification's default. */
const DEFAULT_LIFE = 60

/** What is asked of a token server. */
export interface TokenOrder {
  /** The registry that the token is for, as in an image name. */
  readonly registry: string
  /** As the registry names it. */
  readonly realm: string
  readonly service: string | undefined
  readonly scopes: readonly string[]
  /** Absent: an anonymous token. */
  readonly credentials: Credentials | undefined
}

/** A request to a token server, as it goes over the wire. */
export interface TokenRequest {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly authorization?: string
  readonly body?: string
}

/**
 * Gets a token. With a user and a password as Docker does, by GET with Basic authentication; by OAuth2's POST where a
 * server knows no GET. With an identity token by POST; by GET, with it as the password, where a server knows no POST.
 *
 * @throws {PullpassError} What the token server's refusal means, see `tokenRefusal`; `ERR_REGISTRY_FAULT` for an
 * answer without a token, and for a token server that is no URL.
 * @see https://distribution.github.io/distribution/spec/auth/token/ and …/spec/auth/oauth/
 */
export async function requestToken(
  order: TokenOrder,
  send: (request: TokenRequest) => Promise<HttpResponse>,
  clock: Clock,
): Promise<Token> {
  const response = await ask(order, realmOf(order), send)
  if (response.status !== 200) throw tokenRefusal(response, order)
  return readToken(response, clock.now())
}

async function ask(
  order: TokenOrder,
  realm: URL,
  send: (request: TokenRequest) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  const { credentials } = order
  if (credentials === undefined || isRegistryToken(credentials)) return send(byGet(order, realm))
  if (isIdentityToken(credentials)) {
    const { username, identityToken } = credentials
    const response = await send(byPost(order, realm, { grant_type: 'refresh_token', refresh_token: identityToken }))
    // GCR says 404, Artifactory 401, Azure 400, Harbor 405 where they have no POST.
    if (![400, 401, 404, 405].includes(response.status) || username === undefined || username === '') return response
    return send(byGet(order, realm, { username, password: identityToken }))
  }
  const { username, password } = credentials
  const response = await send(byGet(order, realm, { username, password }))
  if (response.status !== 404 && response.status !== 405) return response
  return send(byPost(order, realm, { grant_type: 'password', username, password }))
}

function byGet(order: TokenOrder, realm: URL, user?: { username: string; password: string }): TokenRequest {
  const url = new URL(realm)
  if (order.service !== undefined) url.searchParams.append('service', order.service)
  for (const scope of order.scopes) url.searchParams.append('scope', scope)
  const request = { method: 'GET', url, headers: { accept: 'application/json' } } as const
  if (user === undefined) return request
  url.searchParams.append('account', user.username)
  return { ...request, authorization: `Basic ${encodeAuth(user)}` }
}

function byPost(order: TokenOrder, realm: URL, grant: Readonly<Record<string, string>>): TokenRequest {
  const form = new URLSearchParams({ ...grant, client_id: CLIENT_ID })
  if (order.service !== undefined) form.set('service', order.service)
  if (order.scopes.length > 0) form.set('scope', order.scopes.join(' '))
  const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' }
  return { method: 'POST', url: realm, headers, body: form.toString() }
}

function realmOf({ registry, realm }: TokenOrder): URL {
  if (URL.canParse(realm)) return new URL(realm)
  throw new PullpassError(
    'ERR_REGISTRY_FAULT',
    `${registry} names a token server that is no URL: '${oneLine(realm.slice(0, 100))}'`,
    {
      hint: 'Only whoever runs the registry can correct the realm in its configuration.',
    },
  )
}

function readToken(response: HttpResponse, receivedAt: number): Token {
  const answer = parseObject(response.body)
  const value = [answer?.['access_token'], answer?.['token']].find(isToken)
  if (value === undefined) {
    throw new PullpassError(
      'ERR_REGISTRY_FAULT',
      `The token server ${shownUrl(response.url)} answered without a token`,
      {
        hint: 'Look at what answers at that address; a proxy or a login page in between is a common reason.',
      },
    )
  }
  const seconds = Number(answer?.['expires_in'] ?? DEFAULT_LIFE)
  const life = Number.isFinite(seconds) && seconds > 0 ? seconds : DEFAULT_LIFE
  const issuedAt = Date.parse(String(answer?.['issued_at']))
  // A clock that is ahead of ours does not make a token last longer.
  const start = Number.isNaN(issuedAt) ? receivedAt : Math.min(issuedAt, receivedAt)
  return { value, receivedAt, expiresAt: start + life * 1000 }
}

/** Something that can stand in an `Authorization` header. */
function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)
}

function parseObject(body: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
