import { Agent, Dispatcher } from 'undici'
import type { Logger } from '../../logger.js'
import { printedAs } from '../../masking.js'
import { readCaCertificatesSync } from '../../node/ca-certificates.js'
import { planRoute, type ProxyRoute } from '../../proxy/route.js'
import { checkProxySettings } from '../../settings/check-proxy.js'
import { maskProxySettings } from '../../settings/proxy-url.js'
import type { ProxySettings } from '../../settings/types.js'
import { loadTls, loadTlsToProxy, type TargetTls, tlsThroughProxy } from './hop-tls.js'
import { throughProxy } from './through-proxy.js'
import { CONNECT_TIMEOUT } from './tunnel-options.js'

/** Options of {@link createDispatcher}. */
export interface CreateDispatcherOptions {
  /** TLS towards the target, on either route: its own CA, a client certificate. Default: Node's. */
  readonly tls?: TargetTls | undefined
  /** Seconds that a connection may take, to the target or through the proxy. Default 30. */
  readonly connectTimeout?: number | undefined
  /** undici's own options for the connections, such as `connections` or `keepAliveTimeout`. */
  readonly agent?: Omit<Agent.Options, 'connect' | 'connectTimeout' | 'factory'> | undefined
  /** Hears at warn level of CA certificates that are expired, or not those of an authority. */
  readonly logger?: Logger | undefined
}

/**
 * Makes one undici Dispatcher for all requests: each goes directly or through the proxy, as `planRoute` decides.
 *
 * Through the proxy, its certificate authorities are trusted besides the default roots (or besides `tls.ca`), on the
 * connection to it and on the one through it, and `rejectUnauthorized` is the operator's. On the direct route neither
 * applies. Connections are kept and used again; `close()` and `destroy()` end all of them.
 *
 * Give it to undici's own `fetch` and `request` (`import { fetch } from 'undici'`), not to the global `fetch`, which
 * belongs to the undici inside Node.
 *
 * Requests fail with a `PullpassError` (`fetch`: as the `cause` of its TypeError) where the proxy is at fault:
 * `ERR_PROXY_AUTHENTICATION_REQUIRED` (407, or a SOCKS user refused), `ERR_PROXY` (it refused the target otherwise),
 * `ERR_PROXY_UNREACHABLE`, `ERR_TIMEOUT`, and `ERR_CERTIFICATE_…` or `ERR_TLS` where its own certificate does not
 * verify. What the target is to blame for stays undici's or Node's error.
 *
 * @param proxy `undefined`: all requests go directly.
 * @throws {PullpassError} `ERR_SETTINGS`: a CA file cannot be read or holds no certificate. Files are read here, once.
 * @throws {TypeError} `proxy` is something else, such as a URL.
 */
export function createDispatcher(proxy: ProxySettings | undefined, options: CreateDispatcherOptions = {}): Dispatcher {
  checkProxySettings(proxy)
  const dispatcher = new RoutedDispatcher(proxy, options)
  return printedAs(dispatcher, () => ({ dispatcher: 'by route', proxy: proxy && maskProxySettings(proxy) }))
}

class RoutedDispatcher extends Dispatcher {
  readonly #proxy: ProxySettings | undefined
  readonly #direct: Agent
  readonly #through: (route: ProxyRoute) => Dispatcher
  readonly #proxied = new Map<ProxyRoute, Dispatcher>()
  readonly #opening = new Set<AbortController>()

  constructor(proxy: ProxySettings | undefined, options: CreateDispatcherOptions) {
    super()
    const { tls = {}, agent = {}, connectTimeout = CONNECT_TIMEOUT } = options
    const timeout = connectTimeout * 1000
    this.#proxy = proxy
    this.#direct = new Agent({ ...agent, connect: { ...loadTls(tls), timeout } })
    const ca = readCaCertificatesSync(proxy?.ca ?? [], { logger: options.logger })
    this.#through = (route) =>
      throughProxy({
        proxy: route,
        tlsToProxy: loadTlsToProxy(route, ca),
        tlsToTarget: loadTls(tlsThroughProxy({ ...route.targetTls, ca }, tls)),
        timeout,
        agent,
        opening: this.#opening,
      })
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    return this.#dispatcherFor(options.origin).dispatch(options, handler)
  }

  #dispatcherFor(origin: string | URL | undefined): Dispatcher {
    // Closed, or called without an origin: undici's own error, by undici's own agent.
    if (this.#direct.closed || this.#direct.destroyed || origin === undefined || origin === '') return this.#direct
    const route = planRoute(origin, this.#proxy)
    if (route.kind === 'direct') return this.#direct
    const known = this.#proxied.get(route) ?? this.#through(route)
    this.#proxied.set(route, known)
    return known
  }

  override close(): Promise<void>
  override close(callback: () => void): void
  override close(callback?: () => void): Promise<void> | undefined {
    return this.#end((each) => each.close(), callback)
  }

  override destroy(error?: Error | null): Promise<void>
  override destroy(callback: () => void): void
  override destroy(error: Error | null, callback: () => void): void
  override destroy(error?: Error | null | (() => void), callback?: () => void): Promise<void> | undefined {
    for (const tunnel of this.#opening) tunnel.abort()
    if (typeof error === 'function') return this.#end((each) => each.destroy(), error)
    return this.#end((each) => each.destroy(error ?? null), callback)
  }

  #end(end: (dispatcher: Dispatcher) => Promise<void>, callback?: () => void): Promise<void> | undefined {
    const ended = Promise.all([this.#direct, ...this.#proxied.values()].map(end)).then(() => undefined)
    if (!callback) return ended
    void ended.then(callback)
    return undefined
  }
}
