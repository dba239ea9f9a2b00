import { isIdentityToken, isRegistryToken } from '../credentials/check.js'
import type { Credentials } from '../credentials/types.js'
import { classifyPullFailure } from '../failures/index.js'
import { planRoute } from '../proxy/index.js'
import { type Challenge, parseChallenges } from './challenges.js'
import type { Counterpart, ExchangeLine, ExplainPullOptions, RouteExplanation } from './explanation.js'
import { shownUrl } from './http.js'
import { oneLine } from './server-words.js'
import type { Hop } from './session.js'

/** What of a query may be shown: the rest may be a signature. */
const shownParameters = ['service', 'scope', 'account']

/** A request and its answer, without secrets. */
export function explainHop(hop: Hop, credentials: Credentials | undefined): ExchangeLine {
  const { method, url, status, headers, error } = hop
  const challenges = status === 401 ? parseChallenges(headers?.['www-authenticate'] ?? []).map(formatChallenge) : []
  const isRedirect = status !== undefined && status >= 300 && status < 400
  const location = isRedirect && headers?.location !== undefined ? shownLocation(headers.location, url) : undefined
  return {
    to: hop.to,
    method,
    url: shownUrl(url) + shownQuery(url, hop.to),
    offered: offered(hop, credentials),
    ...(status !== undefined && { status }),
    ...(challenges.length > 0 && { challenges }),
    ...(location !== undefined && { location }),
    ...(error !== undefined && { failure: failureOf(error) }),
  }
}

/** How each server that was asked is reached, in the order in which they were first asked. */
export function explainRoutes(hops: readonly Hop[], options: ExplainPullOptions): RouteExplanation[] {
  const routes = new Map<string, RouteExplanation>()
  for (const { to, url, insecure } of hops) {
    if (!routes.has(url.origin)) routes.set(url.origin, explainRoute(to, url, insecure, options))
  }
  return [...routes.values()]
}

function explainRoute(to: Counterpart, url: URL, insecure: boolean, options: ExplainPullOptions): RouteExplanation {
  const { settings, dispatcher, ca = [] } = options
  const encrypted = url.protocol === 'https:'
  const about = { to, origin: url.origin }
  if (dispatcher) return { ...about, kind: 'given', tls: { encrypted, verified: encrypted, extraAuthorities: 0 } }
  const route = planRoute(url, settings?.proxy)
  const tls = {
    encrypted,
    verified: encrypted && !insecure && route.targetTls.rejectUnauthorized,
    extraAuthorities: ca.length + route.targetTls.ca.length,
  }
  if (route.kind === 'direct') return { ...about, kind: 'direct', reason: route.reason, tls }
  return { ...about, kind: 'proxy', proxy: route.origin, tls }
}

function offered({ offered: scheme, to }: Hop, credentials: Credentials | undefined): ExchangeLine['offered'] {
  if (scheme === 'nothing') return 'nothing'
  const isIdentity = credentials !== undefined && isIdentityToken(credentials)
  if (to === 'token server') return isIdentity ? 'identity token' : 'user and password'
  if (scheme === 'Basic') return 'user and password'
  return credentials && isRegistryToken(credentials) ? 'registry token' : 'token'
}

function formatChallenge({ scheme, parameters }: Challenge): string {
  const values = Object.entries(parameters).map(
    ([name, value]) => `${name}="${name === 'realm' ? shownRealm(value) : value}"`,
  )
  const name = scheme.charAt(0).toUpperCase() + scheme.slice(1)
  return oneLine([name, values.join(',')].join(' '))
}

function shownRealm(realm: string): string {
  if (!URL.canParse(realm)) return realm
  const url = new URL(realm)
  return shownUrl(url) + (url.search === '' ? '' : '?…')
}

function shownQuery(url: URL, to: Counterpart): string {
  const shown = [...url.searchParams].flatMap(([name, value]) =>
    to === 'token server' && shownParameters.includes(name) ? `${name}=${value}` : [],
  )
  const hidden = url.searchParams.size > shown.length ? ['…'] : []
  const all = [...shown, ...hidden].join('&')
  return all === '' ? '' : oneLine(`?${all}`)
}

function shownLocation(location: string, base: URL): string {
  return URL.canParse(location, base.href) ? shownUrl(new URL(location, base)) : 'no URL'
}

function failureOf(error: unknown): NonNullable<ExchangeLine['failure']> {
  const { code, message } = classifyPullFailure(error)
  return { code, message }
}
