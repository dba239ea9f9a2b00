import type { Socket } from 'node:net'
import type { ProxyRoute } from '../../proxy/route.js'
import { openHttpTunnel } from './http-tunnel.js'
import { openSocksTunnel } from './socks-tunnel.js'
import type { TunnelOptions, TunnelTarget } from './tunnel-options.js'

/**
 * Opens a connection to `target` through a proxy, as its protocol has it. TLS with the target is up to the caller.
 */
export function openTunnel(proxy: ProxyRoute, target: TunnelTarget, options: TunnelOptions): Promise<Socket> {
  return proxy.protocol === 'socks5:' ? openSocksTunnel(proxy, target, options) : openHttpTunnel(proxy, target, options)
}
