import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { readFileSync } from 'node:fs'
import type { Certificates } from './certificates.js'
import { listen } from './listen.js'

/** A registry that Portainer keeps credentials for. */
export interface StoredRegistry {
  readonly Id: number
  readonly Name: string
  readonly URL: string
  readonly Authentication: boolean
  readonly Username: string
  readonly password: string
}

/** How the stand-in is set up. */
export interface PortainerSetUp {
  readonly apiKey: string
  readonly environmentId: number
  /** Environment that the key's owner may not use. */
  readonly forbiddenEnvironmentId?: number
  /** Socket of the engine behind it. */
  readonly engineSocket: string
  readonly registries?: readonly StoredRegistry[]
  readonly tls?: Certificates
}

/** A strict stand-in for Portainer's Docker gateway, in front of a real engine. */
export interface Portainer {
  readonly api: string
  /** Method and path of each request. */
  readonly requests: readonly string[]
  stop(): Promise<void>
}

/**
 * Answers as Portainer does: the API key in `X-API-Key`, the environment in the path, and an `X-Registry-Auth` that it
 * decodes as *standard* base64 and replaces when it names a registry by its id.
 */
export async function startPortainer(setUp: PortainerSetUp): Promise<Portainer> {
  const { tls } = setUp
  const requests: string[] = []
  const answer = (incoming: IncomingMessage, response: ServerResponse): void => {
    requests.push(`${incoming.method ?? ''} ${incoming.url ?? ''}`)
    try {
      serve(setUp, incoming, response)
    } catch (error) {
      const { status, message, details } = error as Refusal
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message, details }))
    }
  }
  const server = tls
    ? createTlsServer({ cert: readFileSync(tls.certPath), key: readFileSync(tls.keyPath) }, answer)
    : createServer(answer)
  const { port, stop } = await listen(server)
  return { api: `${tls ? 'https' : 'http'}://localhost:${port}`, requests, stop }
}

class Refusal extends Error {
  readonly status: number
  readonly details: string
  constructor(status: number, message: string, details: string) {
    super(message)
    this.status = status
    this.details = details
  }
}

function serve(setUp: PortainerSetUp, incoming: IncomingMessage, response: ServerResponse): void {
  const [, id = '', rest = ''] = /^\/api\/endpoints\/([^/]+)(\/.*)$/.exec(incoming.url ?? '') ?? []
  const key = incoming.headers['x-api-key']
  if (key === undefined) throw new Refusal(401, 'A valid authorization token is missing', 'Unauthorized')
  if (key !== setUp.apiKey) throw new Refusal(401, 'Invalid API key', 'Unauthorized')
  if (!/^\d+$/.test(id)) throw new Refusal(400, 'Invalid environment identifier route variable', `strconv.Atoi: ${id}`)
  if (Number(id) === setUp.forbiddenEnvironmentId) {
    throw new Refusal(403, 'Permission denied to access environment', 'Unauthorized')
  }
  if (Number(id) !== setUp.environmentId) {
    const message = 'Unable to find an environment with the specified identifier inside the database'
    throw new Refusal(404, message, 'object not found inside the database')
  }
  if (rest === '/registries') {
    const list = (setUp.registries ?? []).map(({ password: _, ...registry }) => registry)
    return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(list))
  }
  if (!rest.startsWith('/docker/')) throw new Refusal(404, 'Not found', 'Not found')
  passOn(setUp, rest.slice('/docker'.length), incoming, response)
}

function passOn(setUp: PortainerSetUp, path: string, incoming: IncomingMessage, response: ServerResponse): void {
  const { 'x-api-key': _, host: __, ...headers } = incoming.headers
  const registryAuth = headers['x-registry-auth']
  if (typeof registryAuth === 'string') headers['x-registry-auth'] = replaceRegistryId(setUp, registryAuth)
  const onward = request({ socketPath: setUp.engineSocket, path, method: incoming.method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
    answer.on('error', () => response.destroy())
  })
  onward.on('error', (error) => {
    if (response.headersSent) return void response.destroy()
    response.writeHead(502).end(JSON.stringify({ message: 'Unable to proxy the request', details: error.message }))
  })
  response.on('close', () => onward.destroy())
  incoming.pipe(onward)
}

function replaceRegistryId({ registries = [] }: PortainerSetUp, header: string): string {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(header) || header.length % 4 !== 0) {
    throw new Refusal(500, 'Unable to decode X-Registry-Auth', 'illegal base64 data at input byte 0')
  }
  const { registryId } = JSON.parse(Buffer.from(header, 'base64').toString()) as { registryId?: number }
  if (registryId === undefined) return header
  const registry = registries.find(({ Id }) => Id === registryId)
  if (!registry) throw new Refusal(500, 'Unable to find the registry', 'object not found inside the database')
  const { Username: username, password, URL: serveraddress } = registry
  return Buffer.from(JSON.stringify({ username, password, serveraddress })).toString('base64')
}
