import { createServer, type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { listen } from '../listen.js'

/** What a proxy does with a CONNECT: lets it through, answers with a status, closes, or says nothing. */
export type Script = 'tunnel' | 'close' | 'silence' | number

/** A proxy of the tests' own, for what the real ones cannot be told to do, and to count. */
export interface ScriptedProxy {
  readonly host: string
  /** `CONNECT host:port` and `GET url` of each request, in order. */
  readonly requests: readonly string[]
  /** What each of them had for `Proxy-Authorization`. */
  readonly authorizations: readonly (string | undefined)[]
  /** How many connections were made to it. */
  connections(): number
  /** How many of them are open. */
  open(): number
  stop(): Promise<void>
}

/** Starts one on loopback. */
export async function startScriptedProxy(script: Script): Promise<ScriptedProxy> {
  const requests: string[] = []
  const authorizations: (string | undefined)[] = []
  let connections = 0
  const server = createServer((incoming, response) => {
    requests.push(`${incoming.method ?? ''} ${incoming.url ?? ''}`)
    authorizations.push(incoming.headers['proxy-authorization'])
    if (typeof script === 'number') {
      response.writeHead(script).end('the answer of the proxy')
      return
    }
    if (!URL.canParse(incoming.url ?? '')) {
      response.writeHead(400).end('not a request to a proxy')
      return
    }
    const { pathname, search, hostname, port } = new URL(incoming.url ?? '')
    const options = { ...addressOf(hostname, port), path: pathname + search, headers: incoming.headers }
    const outgoing = request({ ...options, method: incoming.method ?? 'GET' }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    incoming.pipe(outgoing)
  })
  server.on('connection', (socket) => {
    connections++
    socket.on('error', () => socket.destroy())
  })
  server.on('clientError', (_error, socket) => {
    if (script !== 'silence') socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
  })
  server.on('connect', (incoming: IncomingMessage, socket: Socket) => {
    requests.push(`CONNECT ${incoming.url ?? ''}`)
    authorizations.push(incoming.headers['proxy-authorization'])
    if (script === 'silence') return
    if (script === 'close') socket.destroy()
    else if (typeof script === 'number') socket.end(`HTTP/1.1 ${script} As Told\r\ncontent-length: 0\r\n\r\n`)
    else {
      const [host = '', port = ''] = (incoming.url ?? '').split(':')
      const target = connect(addressOf(host, port), () => socket.write('HTTP/1.1 200 Connected\r\n\r\n'))
      target.on('error', () => socket.destroy()).on('close', () => socket.destroy())
      socket.on('close', () => target.destroy())
      socket.pipe(target).pipe(socket)
    }
  })
  const { host, open, stop } = await listen(server)
  return { host, requests, authorizations, connections: () => connections, open, stop }
}

function addressOf(host: string, port: string): { host: string; port: number } {
  return { host: host.endsWith('.pullpass.test') ? '127.0.0.1' : host, port: Number(port) }
}
