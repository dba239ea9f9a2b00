import { Agent, buildConnector, type Dispatcher } from 'undici'
import type { ProxyRoute } from '../../proxy/route.js'
import { forwardPlainHttp } from './forward-plain-http.js'
import type { LoadedTls } from './hop-tls.js'
import { serverName } from './http-tunnel.js'
import { openTunnel } from './open-tunnel.js'
import { proxyUnreachable } from './proxy-errors.js'

/** What connections through a proxy are made with. */
export interface ThroughProxy {
  readonly proxy: ProxyRoute
  readonly tlsToProxy: LoadedTls
  readonly tlsToTarget: LoadedTls
  /** Milliseconds. */
  readonly timeout: number
  readonly agent: Agent.Options
  /** The tunnels that are being opened, for whoever ends the dispatcher: undici leaves them to themselves. */
  readonly opening: Set<AbortController>
}

/**
 * A dispatcher that sends all through one proxy, as Go's http.Transport does: `https:` in tunnels by CONNECT, `http:`
 * forwarded by the proxy, which gets the whole URL; through SOCKS 5, both in tunnels. Connections are used again.
 */
export function throughProxy(options: ThroughProxy): Dispatcher {
  const { proxy } = options
  const tunnel = tunnelConnector(options)
  if (proxy.protocol === 'socks5:') return new Agent({ ...options.agent, connect: tunnel })
  const toProxy = proxyConnector(options)
  const connect: buildConnector.connector = (target, callback) =>
    target.protocol === 'https:' ? tunnel(target, callback) : toProxy(target, callback)
  return new Agent({ ...options.agent, connect }).compose(forwardPlainHttp(proxy))
}

/** To the target, through a tunnel. */
function tunnelConnector({
  proxy,
  tlsToProxy,
  tlsToTarget,
  timeout,
  agent,
  opening,
}: ThroughProxy): buildConnector.connector {
  const { allowH2 = true } = agent
  const secure = buildConnector({ ...tlsToTarget, allowH2, timeout })
  return (target, callback) => {
    const { hostname: host, protocol, port } = target
    const address = { host, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) }
    const stop = new AbortController()
    opening.add(stop)
    const open = openTunnel(proxy, address, { tls: tlsToProxy, timeout, signal: stop.signal })
    open
      .finally(() => opening.delete(stop))
      .then(
        (socket) => {
          if (protocol === 'https:') secure({ ...target, httpSocket: socket }, callback)
          else callback(null, socket)
        },
        (error: unknown) => callback(error as Error, null),
      )
  }
}

/** To the proxy, whatever the target. */
function proxyConnector({ proxy, tlsToProxy, timeout }: ThroughProxy): buildConnector.connector {
  const connect = buildConnector({ ...tlsToProxy, allowH2: false, timeout })
  const { protocol, host, port } = proxy
  const address = { protocol, hostname: host, host, port: String(port), servername: serverName(host) }
  return (_target, callback) =>
    connect(address, (...[error, socket]) => {
      if (error) callback(proxyUnreachable(proxy, error), null)
      else callback(null, socket)
    })
}
