import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { Socket } from 'node:net'
import { KubeConfig } from '@kubernetes/client-node'
import type { Certificates } from '../certificates.js'
import { listen, type Listening } from '../listen.js'
import { handle } from './handle.js'
import { type KubeObject, now, RESOURCES, type Resource } from './objects.js'
import { ADMIN } from './rbac.js'
import type { Answer } from './requests.js'
import { Failure, internal, tooManyRequests } from './status.js'
import { born, Store } from './store.js'

/** One request that reached the server. */
export interface Seen {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly contentType: string | undefined
  readonly contentLength: string | undefined
  readonly body: string
}

/**
 * What goes wrong with a request instead of, or after, its being carried out. `'die-before'` and `'die-after'` end
 * every connection and leave the port closed for `down` ms; `'cut'` ends the connection in the middle of the answer.
 */
export type Fault =
  | { readonly kind: 'die-before' | 'die-after'; readonly down: number }
  | { readonly kind: 'cut' | 'hang' }
  | { readonly kind: 'busy'; readonly retryAfter: number }
  | { readonly kind: 'answer'; readonly failure: Failure }
  /** Something else that happens to the store first. */
  | { readonly kind: 'first'; readonly happens: () => void }

export interface ApiServerOptions {
  readonly certificates: Certificates
  /** Of the last write before the first one here. */
  readonly revision?: number
}

/** A double of kube-apiserver over HTTPS, as strict as the real one; a test holds it against recorded exchanges. */
export class ApiServer {
  readonly store: Store
  readonly requests: Seen[] = []
  /** Connections that were opened. */
  connections = 0
  /** Asked before each request; `seen` is the request, `index` counts from 0. */
  fault: (seen: Seen, index: number) => Fault | undefined = () => undefined
  readonly #certificates: Certificates
  readonly #tokens = new Map<string, string>()
  #listening: Listening | undefined
  #revival: NodeJS.Timeout | undefined

  constructor({ certificates, revision = 0 }: ApiServerOptions) {
    this.#certificates = certificates
    this.store = new Store(revision)
  }

  get url(): string {
    return `https://${this.#listening?.host ?? ''}`
  }

  async start(): Promise<this> {
    const { certPath, keyPath } = this.#certificates
    const [cert, key] = await Promise.all([readFile(certPath), readFile(keyPath)])
    const server = createServer({ cert, key, keepAlive: true }, (request, response) => {
      void this.#answer(request, response)
    })
    server.on('secureConnection', () => this.connections++)
    server.on('connection', (socket: Socket) => socket.on('error', () => undefined))
    this.#listening = await listen(server, this.#listening?.port)
    return this
  }

  async stop(): Promise<void> {
    clearTimeout(this.#revival)
    await this.#listening?.stop()
  }

  /** Ends every connection and answers again on the same port after `down` ms. */
  die(down: number): void {
    void this.#listening?.stop()
    this.#revival = setTimeout(() => void this.start(), down)
  }

  /** A bearer token for `user`, by default for one who may do everything. */
  token(user: string = ADMIN): string {
    const token = randomUUID()
    this.#tokens.set(token, user)
    return token
  }

  /** A kubeconfig for `user`. */
  kubeConfig(user?: string, token: string = this.token(user)): KubeConfig {
    const kubeConfig = new KubeConfig()
    const caData = Buffer.from(this.#certificates.ca).toString('base64')
    kubeConfig.loadFromClusterAndUser(
      { name: 'double', server: this.url, caData, skipTLSVerify: false },
      { name: 'user', token },
    )
    return kubeConfig
  }

  /** Puts an object there without a request, as controllers and kubelet do. */
  put(plural: string, object: Partial<KubeObject> & { metadata: KubeObject['metadata'] }): KubeObject {
    const resource = resourceOf(plural)
    const { namespace } = object.metadata
    const apiVersion = resource.group === '' ? 'v1' : `${resource.group}/v1`
    return this.store.write(resource, born({ apiVersion, kind: resource.kind, ...object }, namespace))
  }

  namespace(name: string, labels: Record<string, string> = {}): KubeObject {
    return this.put('namespaces', { metadata: { name, labels }, status: { phase: 'Active' } })
  }

  /** The namespace is being deleted, and stays so until its objects are gone. */
  terminate(name: string): void {
    const found = this.read('namespaces', undefined, name)!
    found.metadata.deletionTimestamp = now()
    found['status'] = { phase: 'Terminating' }
    this.store.write(resourceOf('namespaces'), found)
  }

  read(plural: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.store.read(resourceOf(plural), namespace, name)
  }

  remove(plural: string, namespace: string | undefined, name: string): void {
    const found = this.read(plural, namespace, name)
    if (found) this.store.remove(resourceOf(plural), found)
  }

  /** `GET secrets/opencti-registry-auth` for each request so far. */
  calls(): string[] {
    return this.requests.map(
      ({ method, path }) => `${method} ${path.replace(/^\/apis?\/(v1\/(namespaces\/[^/?]+\/)?)?/, '')}`,
    )
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const bytes = Buffer.concat(chunks)
    const seen = this.#note(request, bytes)
    const fault = this.fault(seen, this.requests.length - 1)
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'first') fault.happens()
    if (fault?.kind === 'die-before') {
      this.die(fault.down)
      return
    }
    const answer = this.#carryOut(request, bytes, response, fault)
    if (answer === undefined) return
    if (fault?.kind === 'die-after') {
      this.die(fault.down)
      return
    }
    const text = JSON.stringify(answer.body)
    response.statusCode = answer.status
    response.setHeader('content-type', 'application/json')
    response.setHeader('content-length', Buffer.byteLength(text))
    const warnings = (answer.warnings ?? []).map((warning) => `299 - ${JSON.stringify(warning)}`)
    if (warnings.length > 0) response.setHeader('warning', warnings.join(', '))
    if (fault?.kind === 'cut') {
      response.write(text.slice(0, text.length / 2))
      setTimeout(() => response.destroy(), 5)
      return
    }
    response.end(text)
  }

  #carryOut(request: IncomingMessage, bytes: Buffer, response: ServerResponse, fault?: Fault): Answer | undefined {
    try {
      if (fault?.kind === 'answer') throw fault.failure
      if (fault?.kind === 'busy') throw tooManyRequests(fault.retryAfter)
      return handle(this.store, this.#tokens, request, bytes, response)
    } catch (error) {
      const failure = error instanceof Failure ? error : internal(String(error))
      for (const [name, value] of Object.entries(failure.headers)) response.setHeader(name, value)
      return { status: failure.code, body: failure.body }
    }
  }

  #note({ method = '', url: path = '', headers }: IncomingMessage, bytes: Buffer): Seen {
    const { 'content-type': contentType, 'content-length': contentLength } = headers
    const seen = { method, path, contentType, contentLength, body: bytes.toString() }
    this.requests.push(seen)
    return seen
  }
}

function resourceOf(plural: string): Resource {
  return RESOURCES.find((each) => each.plural === plural)!
}
