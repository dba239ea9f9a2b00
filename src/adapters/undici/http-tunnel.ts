import { request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import { isIP, type Socket } from 'node:net'
import type { ProxyRoute } from '../../proxy/route.js'
import { proxyAuthorization } from './proxy-user.js'
import { proxyRefused, proxyTimedOut, proxyUnreachable } from './proxy-errors.js'
import type { TunnelOptions, TunnelTarget } from './tunnel-options.js'

/** Opens a connection to `target` through an HTTP proxy, by CONNECT (RFC 9110, section 9.3.6). */
export function openHttpTunnel(proxy: ProxyRoute, target: TunnelTarget, options: TunnelOptions): Promise<Socket> {
  const { host, port, protocol } = proxy
  const authority = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`
  const secure = protocol === 'https:'
  return new Promise((resolve, reject) => {
    const request = (secure ? requestSecure : requestPlain)({
      ...(secure && { ...options.tls, servername: serverName(host) }),
      host,
      port,
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...proxyAuthorization(proxy) },
      agent: false,
      timeout: options.timeout,
      ...(options.signal && { signal: options.signal }),
    })
    request.once('connect', (response, socket: Socket, head) => {
      const status = response.statusCode ?? 0
      if (status < 200 || status > 299) {
        socket.destroy()
        reject(proxyRefused(proxy, authority, status))
        return
      }
      socket.setTimeout(0)
      if (head.length > 0) socket.unshift(head)
      resolve(socket)
    })
    request.once('timeout', () => request.destroy(proxyTimedOut(proxy, authority, options.timeout)))
    // The signal's own reason: Node wraps it.
    const failure = (error: Error): Error =>
      options.signal?.aborted ? (options.signal.reason as Error) : proxyUnreachable(proxy, error)
    request.on('error', (error) => reject(failure(error)))
    request.end()
  })
}

/** For SNI with the proxy. Node would take it from the Host header, which names the target. */
export function serverName(host: string): string {
  return isIP(host) === 0 ? host : ''
}
