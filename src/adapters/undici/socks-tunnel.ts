import type { Socket } from 'node:net'
import { SocksClient } from 'socks'
import { PullpassError } from '../../errors.js'
import type { ProxyRoute } from '../../proxy/route.js'
import { socksFailure } from './proxy-errors.js'
import type { TunnelOptions, TunnelTarget } from './tunnel-options.js'

/**
 * Opens a connection through a SOCKS 5 proxy (RFC 1928, RFC 1929). The proxy resolves the host name, as Go has it for
 * `socks5:` and `socks5h:` alike.
 */
export async function openSocksTunnel(
  proxy: ProxyRoute,
  target: TunnelTarget,
  { timeout, signal }: TunnelOptions,
): Promise<Socket> {
  checkSocksLengths(proxy, target.host)
  const { host, port, username, password = '' } = proxy
  const opening = SocksClient.createConnection({
    proxy: { host, port, type: 5, ...(username !== undefined && { userId: username, password }) },
    command: 'connect',
    destination: { ...target },
    timeout,
  })
  try {
    return (await stoppedBy(signal, opening)).socket
  } catch (error) {
    // `socks` cannot be stopped: what it still opens is closed.
    void opening.then(({ socket }) => socket.destroy()).catch(() => undefined)
    signal?.throwIfAborted()
    throw socksFailure(proxy, `${target.host}:${target.port}`, error as Error)
  }
}

function stoppedBy<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  if (!signal) return promise
  const stopped = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
  return Promise.race([promise, stopped])
}

/** SOCKS 5 has one byte for a length, and `socks` throws where nobody can catch it. */
function checkSocksLengths(proxy: ProxyRoute, host: string): void {
  const texts = { 'host name': host, 'user of the proxy': proxy.username, 'password of the proxy': proxy.password }
  const long = Object.entries(texts).find(([, text = '']) => Buffer.byteLength(text) > 255)
  if (!long) return
  throw new PullpassError('ERR_PROXY', `The ${long[0]} is longer than the 255 bytes that SOCKS 5 has room for`, {
    hint: `Use an http: or https: proxy in place of ${proxy.origin}.`,
  })
}
