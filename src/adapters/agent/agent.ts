import { Agent as HttpAgent, type ClientRequest } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { ProxyAgent, type ProxyAgentOptions } from 'proxy-agent'
import type { Logger } from '../../logger.js'
import { printedAs } from '../../masking.js'
import { readCaCertificatesSync } from '../../node/ca-certificates.js'
import { planRoute, type ProxyRoute, type Route } from '../../proxy/route.js'
import { checkProxySettings } from '../../settings/check-proxy.js'
import { maskProxySettings } from '../../settings/proxy-url.js'
import type { ProxySettings } from '../../settings/types.js'
import { loadTlsToProxy, type TargetTls } from '../undici/hop-tls.js'
import { CONNECT_TIMEOUT } from '../undici/tunnel-options.js'
import { serverName } from '../undici/http-tunnel.js'
import { forwardedBy } from './forwarded-request.js'
import { RequestTls } from './request-tls.js'
import { stopsWith, TunnelAgent } from './tunnel-agent.js'

/** Options of {@link createAgent}. */
export interface CreateAgentOptions {
  /**
   * TLS towards the target, on either route: its own CA, a client certificate. As with any agent of Node's, these win
   * over the same options of a request. Default: Node's.
   */
  readonly tls?: TargetTls | undefined
  /** Seconds that the proxy may take to open a connection. Default 30. */
  readonly connectTimeout?: number | undefined
  /** Hears at warn level of CA certificates that are expired, or not those of an authority. */
  readonly logger?: Logger | undefined
}

/**
 * Makes one agent for `http.request` and `https.request`: each request goes directly or through the proxy, as
 * `planRoute` decides. Requests over a Unix socket pass the proxy by.
 *
 * Through the proxy, its certificate authorities are trusted besides the default roots (or besides the `ca` of `tls` or
 * of the request), on the connection to it and on the one through it, and `rejectUnauthorized` is the operator's. On
 * the direct route neither applies. Connections are kept and used again, but for those of `http:` URLs through an HTTP
 * proxy; `destroy()` ends all of them.
 *
 * Requests fail with a `PullpassError` where the proxy is at fault: `ERR_PROXY_AUTHENTICATION_REQUIRED` (407, or a SOCKS
 * user refused), `ERR_PROXY` (it refused the target otherwise), `ERR_PROXY_UNREACHABLE`, `ERR_TIMEOUT`, and
 * `ERR_CERTIFICATE_…` or `ERR_TLS` where its own certificate does not verify. What the target is to blame for stays
 * Node's error. A refusal of an `http:` URL other than by 407 cannot be told from an answer of the target's, and is one.
 *
 * @param proxy `undefined`: all requests go directly.
 * @throws {PullpassError} `ERR_SETTINGS`: a CA file cannot be read or holds no certificate. Files are read here, once.
 * @throws {TypeError} `proxy` is something else, such as a URL.
 */
export function createAgent(proxy: ProxySettings | undefined, options: CreateAgentOptions = {}): HttpAgent {
  checkProxySettings(proxy)
  return printedAs(new RoutedAgent(proxy, options), () => ({
    agent: 'by route',
    proxy: proxy && maskProxySettings(proxy),
  }))
}

type ConnectOptions = Parameters<ProxyAgent['connect']>[1] & { readonly socketPath?: string }

class RoutedAgent extends ProxyAgent {
  readonly #proxy: ProxySettings | undefined
  readonly #ca: readonly string[]
  readonly #options: CreateAgentOptions
  readonly #toTarget: RequestTls
  #forwardOptions: ProxyAgentOptions | undefined
  readonly #tunnels = new Map<ProxyRoute, TunnelAgent>()

  constructor(proxy: ProxySettings | undefined, options: CreateAgentOptions) {
    super({
      keepAlive: true,
      httpAgent: new HttpAgent({ keepAlive: true }),
      httpsAgent: new HttpsAgent({ keepAlive: true }),
    })
    this.#proxy = proxy
    this.#options = options
    this.#toTarget = new RequestTls(options.tls ?? {}, (tls) => tls)
    this.#ca = readCaCertificatesSync(proxy?.ca ?? [], { logger: options.logger })
  }

  override async connect(request: ClientRequest, options: ConnectOptions): Promise<HttpAgent> {
    const route = this.#routeOf(options)
    if (route.kind === 'direct') return this.#directly(options)
    if (!options.secureEndpoint && route.protocol !== 'socks5:') return this.#forward(route, request, options)
    Object.assign(options, { stopped: stopsWith(request) })
    return this.#tunnel(route)
  }

  #routeOf({ host = 'localhost', port, secureEndpoint, socketPath }: ConnectOptions): Route {
    if (socketPath !== undefined) return planRoute('unix:', this.#proxy)
    const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
    return planRoute(`${secureEndpoint ? 'https' : 'http'}://${name}:${port}`, this.#proxy)
  }

  #directly(options: ConnectOptions): HttpAgent {
    if (!options.secureEndpoint) return this.httpAgent
    Object.assign(options, this.#toTarget.for(options))
    return this.httpsAgent
  }

  #tunnel(route: ProxyRoute): TunnelAgent {
    const { tls = {}, connectTimeout = CONNECT_TIMEOUT } = this.#options
    const timeout = connectTimeout * 1000
    const known = this.#tunnels.get(route) ?? new TunnelAgent({ proxy: route, ca: this.#ca, tls, timeout })
    this.#tunnels.set(route, known)
    return known
  }

  #forward(route: ProxyRoute, request: ClientRequest, options: ConnectOptions): Promise<HttpAgent> {
    // Not given to the constructor: there, TLS for the proxy would become TLS for every target.
    this.getProxyForUrl = () => route.uri
    this.connectOpts = this.#forwardOptions ??= {
      ...loadTlsToProxy(route, this.#ca),
      servername: serverName(route.host),
      // On a connection that was kept, http-proxy-agent sends the request as if to the target.
      keepAlive: false,
    }
    forwardedBy(route, request, `${options.host ?? ''}:${options.port}`)
    return super.connect(request, options)
  }

  override destroy(): void {
    for (const agent of [this.httpAgent, this.httpsAgent, ...this.#tunnels.values()]) agent.destroy()
    super.destroy()
  }
}
