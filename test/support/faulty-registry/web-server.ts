import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { listen } from '../listen.js'

/** A request as a test looks at it afterwards. */
export interface Recorded {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly authorization: string | undefined
  readonly body: string
}

/** An answer that a test scripts. */
export interface Scripted {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string | Uint8Array | object
}

/** A web server that a test scripts, on 127.0.0.1. */
export interface WebServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, or https. */
  readonly origin: string
  /** `127.0.0.1:PORT` */
  readonly host: string
  readonly port: number
  readonly requests: Recorded[]
  /** TCP connections so far. */
  connections(): number
}

/** What to answer; `undefined` for never. A function takes the answer into its own hands. */
export type Script = (
  request: Recorded,
) =>
  Scripted | ((response: ServerResponse, request: IncomingMessage) => void) | undefined | Promise<Scripted | undefined>

/** Where it listens, if not on any free port, and with which certificate, if it speaks TLS. */
export interface WebServerOptions {
  readonly port?: number
  readonly tls?: { readonly key: string; readonly cert: string }
}

export async function startWebServer(script: Script, options: WebServerOptions = {}): Promise<WebServer> {
  const requests: Recorded[] = []
  let connections = 0
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    const recorded = {
      method: request.method ?? '',
      path: pathname,
      query: searchParams,
      authorization: request.headers.authorization,
      body: Buffer.concat(chunks).toString(),
    }
    requests.push(recorded)
    const scripted = await script(recorded)
    if (typeof scripted === 'function') scripted(response, request)
    if (typeof scripted !== 'object') return
    const { status, headers = {}, body = '' } = scripted
    const bytes = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(bytes) })
    response.end(request.method === 'HEAD' ? undefined : bytes)
  }
  const { tls } = options
  const listener: RequestListener = (request, response) => {
    void answer(request, response).catch(() => request.destroy())
  }
  const server = tls ? createSecureServer(tls, listener) : createServer(listener)
  server.on('connection', () => (connections += 1))
  // As a proxy it forwards nothing: it answers in the place of whoever it is asked for, and opens no tunnels.
  server.on('connect', ({ url = '', headers }: IncomingMessage, socket: Socket) => {
    const query = new URLSearchParams()
    requests.push({ method: 'CONNECT', path: url, query, authorization: headers['proxy-authorization'], body: '' })
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
  })
  const { host, port, stop } = await listen(server, options.port)
  return {
    origin: `${tls ? 'https' : 'http'}://${host}`,
    host,
    port,
    requests,
    connections: () => connections,
    [Symbol.asyncDispose]: stop,
  }
}
