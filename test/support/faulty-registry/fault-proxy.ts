import { once } from 'node:events'
import {
  createServer,
  request as forward,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { listen } from '../listen.js'

/** What goes wrong with one request on its way to a registry. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** The connection is reset before an answer. */
  | { readonly kind: 'reset' }
  /** The answer is cut off in the middle of its body; without a body, in the middle of its headers. */
  | { readonly kind: 'truncate' }
  | { readonly kind: 'slow'; readonly milliseconds: number }
  /** No answer ever. */
  | { readonly kind: 'hang' }

/** A reverse proxy on 127.0.0.1 in front of a registry that spoils what it is told to. */
export interface FaultProxy extends AsyncDisposable {
  readonly host: string
  /** `GET /v2/` and the like, spoiled or not. */
  readonly requests: string[]
  /** Faults for the next requests that match, in order. */
  spoil(match: RegExp, ...faults: readonly Fault[]): void
}

/** What a {@link FaultProxy} is besides. */
export interface FaultProxyOptions {
  /** Default: any free one. */
  readonly port?: number
  readonly tls?: { readonly key: string; readonly cert: string }
  /** Port of the token server, which answers at `/token`. */
  readonly tokenPort?: number
  /** Asked for a fault where none is planned. */
  readonly chance?: (line: string) => Fault | undefined
}

export async function startFaultProxy(
  registry: { readonly port: number },
  options: FaultProxyOptions = {},
): Promise<FaultProxy> {
  const { tls, tokenPort = registry.port, chance = () => undefined } = options
  const requests: string[] = []
  const plans: { readonly match: RegExp; readonly faults: Fault[] }[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const line = `${request.method ?? ''} ${request.url ?? ''}`
    requests.push(line)
    const plan = plans.find(({ match, faults }) => match.test(line) && faults.length > 0)
    const fault = plan?.faults.shift() ?? chance(line)
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'reset') return void request.socket.resetAndDestroy()
    if (fault?.kind === 'status') return void response.writeHead(fault.status, fault.headers).end()
    if (fault?.kind === 'slow') await sleep(fault.milliseconds)
    const { method, url: path = '', headers } = request
    const port = path.startsWith('/token') ? tokenPort : registry.port
    const upstream = forward({ host: '127.0.0.1', port, method, path, headers, agent: false })
    request.pipe(upstream)
    const [original] = (await once(upstream, 'response')) as [IncomingMessage]
    if (fault?.kind !== 'truncate') {
      response.writeHead(original.statusCode ?? 500, original.headers)
      original.pipe(response)
      return
    }
    original.resume()
    const length = Number(original.headers['content-length'] ?? 0)
    const head = `HTTP/1.1 ${original.statusCode ?? 500} \r\ncontent-length: ${length}\r\n`
    const half = method === 'HEAD' || length === 0 ? head : `${head}\r\n${'x'.repeat(length / 2)}`
    request.socket.write(half, () => request.socket.destroy())
  }
  const listener: RequestListener = (request, response) => void answer(request, response).catch(() => request.destroy())
  const server = tls ? createSecureServer(tls, listener) : createServer(listener)
  const { host, stop } = await listen(server, options.port)
  return {
    host,
    requests,
    spoil: (match, ...faults) => void plans.push({ match, faults: [...faults] }),
    [Symbol.asyncDispose]: stop,
  }
}
