import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, clockOf } from '../clock.js'
import { kindOf } from '../kind-of.js'
import { printedAs } from '../masking.js'
import type { TestContent, TestImage } from './image.js'
import { BasicGate, type Gate, TOKEN_PATH, TokenGate, type TestRegistryUser } from './registry-auth.js'
import { Faults, spoil, type TestRegistryFault } from './registry-faults.js'
import { type Question, refusal, type Reply } from './reply.js'

/** Options of {@link startTestRegistry}. */
export interface TestRegistryOptions {
  /** Who may pull. Absent: everybody. */
  readonly user?: TestRegistryUser | readonly TestRegistryUser[] | undefined
  /**
   * How it wants to know who asks. `'basic'`, the default: by user and password with each request. `'token'`: by tokens,
   * which it gives out itself at `/token`, also for an identity token.
   */
  readonly auth?: 'basic' | 'token' | undefined
  /** Seconds that a token lasts. Default 300. */
  readonly tokenLifetime?: number | undefined
  /** By which tokens expire. Default: the machine's. */
  readonly clock?: Clock | undefined
  /** What it holds, by repository and tag: `{ 'opencti/connector-example:1.0.0': makeTestImage() }`. */
  readonly images?: Readonly<Record<string, TestImage>> | undefined
  /** Port on 127.0.0.1. Default: any free one. */
  readonly port?: number | undefined
}

/** A request to the registry, without its credentials. */
export interface TestRegistryRequest {
  readonly method: string
  /** With its query; that of a request for a token is just `/token`. */
  readonly path: string
  /** 0 until it is answered, and when it never is. */
  readonly status: number
  /** Whether it carried an `Authorization` header, or a form with credentials. */
  readonly authenticated: boolean
  /** What a token was asked for: `repository:acme/app:pull`. Empty for one that is for no repository. */
  readonly scope?: string
}

/** A running registry. `close()` it, or `await using` it. */
export interface TestRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`, as in an image name. */
  readonly host: string
  /** Every request since the start, oldest first. */
  readonly requests: readonly TestRegistryRequest[]
  /**
   * Has something go wrong with the next request, or with those that are named. Of several faults for a request, the one
   * that was set first comes first.
   *
   * @throws {TypeError} A part of `fault` has the wrong type, or does not go with another.
   */
  fail(fault: TestRegistryFault): void
  /** Ends it, and every connection to it. */
  close(): Promise<void>
}

/**
 * Starts a small registry inside this process, on loopback and without TLS: pull side of the OCI distribution
 * specification, open or with users, with Basic or token authentication. For tests and demonstrations.
 *
 * @throws {TypeError} An option has the wrong type.
 * @throws Node's error when the port is taken.
 */
export async function startTestRegistry(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const { user = [], auth = 'basic', tokenLifetime = 300, images = {}, port = 0 } = options
  checkOptions(options)
  const users = [user].flat()
  const faults = new Faults()
  const requests: TestRegistryRequest[] = []
  const gate =
    auth === 'token' ? new TokenGate(users, tokenLifetime, clockOf(options.clock), () => host) : new BasicGate(users)
  const contents = contentsByPath(images)
  const server = createServer((request, response) => {
    void serve(request, response, { gate, contents, faults, requests }).catch(() => response.destroy())
  })
  await listen(server, port)
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
  const fail = (fault: TestRegistryFault): void => faults.add(fault)
  const registry = { host, requests, fail, close, [Symbol.asyncDispose]: close }
  return printedAs(registry, () => `TestRegistry(${host})`)
}

interface Service {
  readonly gate: Gate
  readonly contents: ReadonlyMap<string, TestContent>
  readonly faults: Faults
  readonly requests: TestRegistryRequest[]
}

async function serve(request: IncomingMessage, response: ServerResponse, service: Service): Promise<void> {
  const { gate, faults } = service
  const { method = '', url = '' } = request
  const entry = { method, path: url, status: 0, authenticated: request.headers.authorization !== undefined }
  service.requests.push(entry)
  const question = await read(request)
  if (gate instanceof TokenGate && question.path === TOKEN_PATH) Object.assign(entry, tokenEntry(question))
  const fault = faults.take(question)
  const { delay = 0 } = fault
  if (delay === Infinity) return
  // Without it, a registry that is closed meanwhile would keep the process.
  if (delay > 0) await sleep(delay * 1000, undefined, { ref: false })
  if (fault.drop === true) return void request.socket.resetAndDestroy()
  const reply = spoil(
    fault,
    () => answer(question, service),
    () => gate.challenge(question.path),
  )
  entry.status = reply.status
  send(response, reply, method, fault.cut === true)
}

async function read(request: IncomingMessage): Promise<Question> {
  const { method = '', url = '', headers } = request
  const [path = '', query] = url.split('?')
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const parameters = new URLSearchParams(method === 'POST' ? Buffer.concat(chunks).toString() : query)
  return { method, path, parameters, authorization: headers.authorization }
}

/** What of a request for a token may be told. */
function tokenEntry({ method, path, parameters, authorization }: Question): Partial<TestRegistryRequest> {
  const scope = parameters.getAll('scope').join(' ')
  return { path, scope, authenticated: method === 'POST' || authorization !== undefined }
}

function answer(question: Question, { gate, contents }: Service): Reply {
  const { method, path } = question
  if (gate instanceof TokenGate && path === TOKEN_PATH) return gate.issue(question)
  const refused = gate.check(question)
  if (refused) return refused
  if (method !== 'GET' && method !== 'HEAD') return refusal(405)
  if (path === '/v2/') return { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' }
  const content = contents.get(path)
  if (!content) return refusal(404, {}, notFound(path))
  const headers = { 'content-type': content.mediaType, 'docker-content-digest': content.digest }
  return { status: 200, headers, body: content.bytes }
}

function notFound(path: string): readonly [code: string, message: string] {
  if (path.includes('/manifests/')) return ['MANIFEST_UNKNOWN', 'manifest unknown']
  return path.includes('/blobs/') ? ['BLOB_UNKNOWN', 'blob unknown to registry'] : ['NOT_FOUND', 'not found']
}

function send(response: ServerResponse, { status, headers, body }: Reply, method: string, isCut: boolean): void {
  const bytes = Buffer.from(body)
  response.writeHead(status, {
    'docker-distribution-api-version': 'registry/2.0',
    ...headers,
    'content-length': bytes.length,
  })
  if (method === 'HEAD') return void response.end()
  if (!isCut) return void response.end(bytes)
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy())
}

function contentsByPath(images: Readonly<Record<string, TestImage>>): Map<string, TestContent> {
  const paths = new Map<string, TestContent>()
  for (const [name, image] of Object.entries(images)) {
    const [repository = '', tag = 'latest'] = name.split(':')
    paths.set(`/v2/${repository}/manifests/${tag}`, image.index)
    for (const manifest of [image.index, ...image.manifests]) {
      paths.set(`/v2/${repository}/manifests/${manifest.digest}`, manifest)
    }
    for (const blob of image.blobs) paths.set(`/v2/${repository}/blobs/${blob.digest}`, blob)
  }
  return paths
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function checkOptions({ user = [], auth, tokenLifetime }: TestRegistryOptions): void {
  for (const each of [user].flat() as unknown[]) {
    const { username, password } = (each ?? {}) as Record<string, unknown>
    if (typeof username === 'string' && typeof password === 'string') continue
    throw new TypeError(`user must have a username and a password, and is ${kindOf(each)}`)
  }
  if (auth !== undefined && !['basic', 'token'].includes(auth)) throw new TypeError("auth must be 'basic' or 'token'")
  if (tokenLifetime !== undefined && !(tokenLifetime > 0))
    throw new TypeError('tokenLifetime must be a number of seconds above 0')
}
