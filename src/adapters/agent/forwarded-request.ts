import type { ClientRequest, IncomingMessage } from 'node:http'
import type { ProxyRoute } from '../../proxy/route.js'
import { proxyRefused, proxyUnreachable } from '../undici/proxy-errors.js'

/**
 * Makes a request that `proxy` forwards fail where the proxy is at fault: by a 407, which is no answer of `target`'s,
 * and when there is no connection to it.
 */
export function forwardedBy(proxy: ProxyRoute, request: ClientRequest, target: string): void {
  const emit = request.emit.bind(request)
  const tell = (event: string, ...args: unknown[]): boolean => {
    if (event === 'error') return emit(event, ofProxy(proxy, args[0] as NodeJS.ErrnoException))
    const response = event === 'response' ? (args[0] as IncomingMessage) : undefined
    if (response?.statusCode !== 407) return emit(event, ...args)
    response.resume()
    request.destroy(proxyRefused(proxy, target, 407))
    return true
  }
  // A listener could not keep the others from hearing of the response.
  request.emit = tell as typeof request.emit
}

/** The only connection of a forwarded request is that to the proxy. */
function ofProxy(proxy: ProxyRoute, error: NodeJS.ErrnoException): Error {
  const { syscall, code = '' } = error
  const connecting = syscall === 'connect' || syscall === 'getaddrinfo' || error instanceof AggregateError
  const tls = ['CERT', 'ERR_TLS', 'ERR_SSL', 'EPROTO', 'SELF_SIGNED', 'UNABLE'].some((word) => code.includes(word))
  return connecting || tls ? proxyUnreachable(proxy, error) : error
}
