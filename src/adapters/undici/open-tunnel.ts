import type { Socket } from 'node:net'
import type { ProxyRoute } from '../../proxy/route.js'
import type { LoadedTls } from './hop-tls.js'
import { openHttpTunnel } from './http-tunnel.js'
import { openSocksTunnel } from './socks-tunnel.js'

/** Where a tunnel leads. */
export interface TunnelTarget {
  /** Host name or address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
}

/**
 * Opens a connection to `target` through a proxy, as its protocol has it. TLS with the target is up to the caller.
 *
 * @param tls How to speak with the proxy itself, where its URL is https.
 * @param timeout For how many milliseconds the proxy may be silent.
 */
export function openTunnel(proxy: ProxyRoute, target: TunnelTarget, tls: LoadedTls, timeout: number): Promise<Socket> {
  if (proxy.protocol === 'socks5:') return openSocksTunnel(proxy, target, timeout)
  return openHttpTunnel(proxy, target, tls, timeout)
}
