import { checkObject } from '../kind-of.js'
import { MASK, printedAs } from '../masking.js'
import { type ProxyProtocol, maskProxyUrl, parseProxyUrl } from '../settings/proxy-url.js'
import type { CaSource, ProxySettings } from '../settings/types.js'
import { isLoopback, parseIpAddress } from './ip-address.js'
import { type Target, compileNoProxy } from './no-proxy.js'

/** TLS of one hop. */
export interface HopTls {
  /** Certificate authorities to trust besides the default ones. */
  readonly ca: readonly CaSource[]
  readonly rejectUnauthorized: boolean
}

/** The URL is reached without a proxy. */
export interface DirectRoute {
  readonly kind: 'direct'
  /** Why, in words: `matches NO_PROXY entry '.example.com'`. */
  readonly reason: string
  /** Always the default roots, verified: what is set for the proxy does not reach here. */
  readonly targetTls: HopTls
}

/** The URL is reached through a proxy. Printed with the password masked. */
export interface ProxyRoute {
  readonly kind: 'proxy'
  /** The proxy with scheme and, percent-encoded, user info: what Go would use. */
  readonly uri: string
  /** Scheme, host and, where one is written, port: fit for a message. */
  readonly origin: string
  readonly protocol: ProxyProtocol
  /** Host name or address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
  /** Percent-decoded. */
  readonly username?: string
  /** Percent-decoded. */
  readonly password?: string
  /** Of the connection to the proxy, when `protocol` is `https:`. */
  readonly proxyTls: HopTls
  /** Of the connection through the proxy to an `https:` URL, which a corporate proxy may intercept. */
  readonly targetTls: HopTls
}

/** Which way to a URL. */
export type Route = DirectRoute | ProxyRoute

/**
 * Decides whether a URL is reached through a proxy, by Go's rules: `NO_PROXY` with domains, addresses, CIDR and ports,
 * and never for `localhost` and loopback addresses. The certificate authorities and `rejectUnauthorized` of `proxy`
 * are for the connections through it, to the proxy and to the target; a direct route has neither.
 *
 * The settings are read once for an object: do not change it afterwards.
 *
 * @param url Absolute. Any scheme but `http:` and `https:` goes directly.
 * @param proxy `undefined` for no proxy.
 * @throws {TypeError} `url` is not one, or `proxy` is neither an object nor `undefined`.
 * @throws {PullpassError} `ERR_SETTINGS`: `httpProxy` or `httpsProxy` is not a proxy's URL, which cannot be with
 * settings that pullpass parsed.
 * @see https://pkg.go.dev/golang.org/x/net/http/httpproxy
 */
export function planRoute(url: string | URL, proxy: ProxySettings | undefined): Route {
  const { protocol, hostname, port } = toUrl(url)
  if (!proxy) return direct('no proxy is configured')
  checkObject(proxy, 'planRoute: proxy')
  const plan = planOf(proxy)
  const route = protocol === 'https:' ? plan.https : protocol === 'http:' ? plan.http : undefined
  if (!route) return direct(`no proxy is configured for ${protocol.slice(0, -1)} URLs`)
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  const target = { host, port: port || (protocol === 'https:' ? '443' : '80'), ip: parseIpAddress(host) }
  const reason = whyDirect(target, plan)
  return reason === undefined ? route : direct(reason)
}

interface Plan {
  readonly http: ProxyRoute | undefined
  readonly https: ProxyRoute | undefined
  readonly exception: (target: Target) => string | undefined
}

/** Reading a NO_PROXY of 1,000 entries takes a thousand times as long as a decision by it. */
const plans = new WeakMap<ProxySettings, Plan>()

function planOf(proxy: ProxySettings): Plan {
  const known = plans.get(proxy)
  if (known) return known
  const plan = {
    http: through(proxy.httpProxy, 'httpProxy', proxy),
    https: through(proxy.httpsProxy, 'httpsProxy', proxy),
    exception: compileNoProxy(proxy.noProxy ?? ''),
  }
  plans.set(proxy, plan)
  return plan
}

/** Where settings that nobody parsed leave something out, certificates are verified. */
function through(
  url: string | undefined,
  field: string,
  { ca = [], rejectUnauthorized = true }: Partial<ProxySettings>,
): ProxyRoute | undefined {
  if (url === undefined || url === '') return undefined
  const tls: HopTls = { ca, rejectUnauthorized }
  const route: ProxyRoute = { kind: 'proxy', ...parseProxyUrl(url, field), proxyTls: tls, targetTls: tls }
  return Object.freeze(
    printedAs(route, () => ({
      ...route,
      uri: maskProxyUrl(route.uri),
      ...(route.password !== undefined && { password: MASK }),
    })),
  )
}

function whyDirect(target: Target, { exception }: Plan): string | undefined {
  if (target.host === 'localhost') return 'localhost is never reached through a proxy'
  if (target.ip && isLoopback(target.ip)) return 'a loopback address is never reached through a proxy'
  const entry = exception(target)
  return entry === undefined ? undefined : `matches NO_PROXY entry '${entry}'`
}

function direct(reason: string): DirectRoute {
  return { kind: 'direct', reason, targetTls: { ca: [], rejectUnauthorized: true } }
}

/** The platform's own error repeats the URL, which may hold a password. */
function toUrl(url: string | URL): URL {
  if (url instanceof URL) return url
  if (typeof url !== 'string' || !URL.canParse(url)) throw new TypeError('planRoute: url is not an absolute URL')
  return new URL(url)
}
