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

/** How a tunnel is opened. */
export interface TunnelOptions {
  /** How to speak with the proxy itself, where its URL is https. */
  readonly tls: LoadedTls
  /** For how many milliseconds the proxy may be silent. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Opens a connection to `target` through a proxy, as its protocol has it. TLS with the target is up to the caller.
 */
export function openTunnel(proxy: ProxyRoute, target: TunnelTarget, options: TunnelOptions): Promise<Socket> {
  return proxy.protocol === 'socks5:' ? openSocksTunnel(proxy, target, options) : openHttpTunnel(proxy, target, options)
}
