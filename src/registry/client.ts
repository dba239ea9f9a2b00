import { clockOf } from '../clock.js'
import { credentialsFrom } from '../credentials/index.js'
import { checkObject, kindOf } from '../kind-of.js'
import { printedAs } from '../masking.js'
import { isDockerHub, DOCKER_HUB } from '../reference/docker-hub.js'
import { type ImageReference, parseImageReference } from '../reference/index.js'
import { retryOf } from '../retry.js'
import { checkProxySettings } from '../settings/check-proxy.js'
import { parseRegistryServer } from '../settings/server.js'
import { startBudget } from './budget.js'
import { Connections } from './connections.js'
import { endpointOf } from './endpoint.js'
import { checkImage, findDigest, type Inquiry } from './pull-check.js'
import { resolveBySystem, type ResolveHost } from './realm.js'
import { type Hop, RegistrySession, type Shared } from './session.js'
import { TokenCache } from './token-cache.js'
import type { CallOptions, CredentialCheck, RegistryClient, RegistryClientOptions } from './types.js'

/** What a client needs of the world besides its options; tests bring their own. */
export interface World {
  readonly resolve: ResolveHost
  /** Told of every exchange. */
  readonly onHop?: ((hop: Hop) => void) | undefined
}

/** The name service of this machine. */
export const realWorld: World = { resolve: resolveBySystem }

/**
 * A client for registries: whether images are there and may be pulled. Finds the registry as Docker does (`https:`
 * first; plain HTTP only on loopback or where `insecure`; Docker Hub at registry-1.docker.io), gets and keeps tokens,
 * retries what may pass. Credentials go to the registry that they are for and to the token server that it names, if it
 * has any business naming that one; never across origins on a redirect.
 *
 * Mirrors are the engine's own setting: this asks the registry itself.
 *
 * @throws {TypeError} For options that do not fit.
 */
export function createRegistryClient(options: RegistryClientOptions = {}): RegistryClient {
  return createClient(options, realWorld)
}

/** `createRegistryClient`, in a world of the caller's. */
export function createClient(options: RegistryClientOptions, world: World): RegistryClient {
  checkOptions(options)
  return new Client(options, world)
}

/** More registries than one process deals with. Forgetting one costs a few requests when it comes back. */
const MOST_SESSIONS = 100

class Client implements RegistryClient {
  readonly #options: RegistryClientOptions
  readonly #world: World
  readonly #shared: Shared
  readonly #insecure: readonly string[] | boolean
  readonly #sessions = new Map<string, RegistrySession>()
  readonly #closing = new AbortController()

  constructor(options: RegistryClientOptions, world: World) {
    const { tokenTtl = 1800, retry, timeout = 120, tokenServers = [], insecure = false, logger } = options
    const clock = clockOf(options.clock)
    this.#options = options
    this.#world = world
    this.#insecure = typeof insecure === 'boolean' ? insecure : insecure.map((host) => host.toLowerCase())
    this.#shared = {
      connections: new Connections(options),
      tokens: new TokenCache(tokenTtl, clock),
      retry: retryOf(retry),
      timeout,
      clock,
      resolve: world.resolve,
      tokenServers: tokenServers.map((host) => host.toLowerCase()),
      logger,
    }
    printedAs(this, () => `RegistryClient(${this.#sessions.size} registries)`)
  }

  async checkPull(...[image, { platform, signal } = {}]: Parameters<RegistryClient['checkPull']>) {
    return this.#inquire(parseImageReference(image), signal, (inquiry) => checkImage(inquiry, platform))
  }

  async resolveDigest(image: string, { signal }: CallOptions = {}): Promise<string> {
    return this.#inquire(parseImageReference(image), signal, findDigest)
  }

  async checkCredentials(registry: string, { signal }: CallOptions = {}): Promise<CredentialCheck> {
    const { host, namespace } = parseRegistryServer(registry)
    const reference = { registry: isDockerHub(host.toLowerCase()) ? DOCKER_HUB : host, repository: namespace }
    return this.#inquire(reference, signal, async ({ session, call }) => {
      const { sent } = await session.request({ method: 'GET', path: '/v2/' }, call)
      const { credentials, source } = call.found
      const authenticated = sent !== 'nothing' && credentials !== undefined
      const username = credentials && 'username' in credentials ? credentials.username : undefined
      return { registry: reference.registry, authenticated, source, ...(username !== undefined && { username }) }
    })
  }

  async close(): Promise<void> {
    this.#closing.abort(new TypeError('The registry client is closed'))
    await this.#shared.connections.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #inquire<T>(
    reference: ImageReference,
    signal: AbortSignal | undefined,
    answer: (inquiry: Inquiry) => Promise<T>,
  ): Promise<T> {
    const { clock, timeout } = this.#shared
    using budget = startBudget(timeout, this.#closing.signal, this.#options.signal, signal)
    budget.signal.throwIfAborted()
    const session = this.#session(reference.registry)
    const found = await credentialsFrom(this.#options.credentials, reference, budget.signal)
    const endsAt = clock.now() + timeout * 1000
    return await answer({
      reference,
      session,
      call: { found, signal: budget.signal, endsAt, onHop: this.#world.onHop },
    })
  }

  #session(registry: string): RegistrySession {
    const insecure = this.#isInsecure(registry)
    if (insecure) {
      const message = 'This registry may show any certificate or speak plain HTTP: not for production'
      this.#options.logger?.warn({ registry }, message)
    }
    const known = this.#sessions.get(registry)
    if (known) return known
    const session = new RegistrySession(endpointOf(registry, insecure), this.#shared)
    this.#sessions.set(registry, session)
    const [oldest] = this.#sessions.keys()
    if (this.#sessions.size > MOST_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest)
    return session
  }

  #isInsecure(registry: string): boolean {
    return typeof this.#insecure === 'boolean' ? this.#insecure : this.#insecure.includes(registry.toLowerCase())
  }
}

function checkOptions(options: RegistryClientOptions): void {
  checkObject(options, 'createRegistryClient: options')
  const { credentials, proxy, dispatcher, ca, tokenTtl, timeout, retry, tokenServers, insecure } = options
  if (credentials !== undefined && typeof credentials !== 'function') checkObject(credentials, 'credentials')
  checkProxySettings(proxy)
  checkTexts('ca', ca)
  checkTexts('tokenServers', tokenServers)
  if (typeof insecure !== 'boolean') checkTexts('insecure', insecure)
  if (ca?.some((pem) => !pem.includes('-----BEGIN '))) {
    throw new TypeError('createRegistryClient: ca must hold PEM texts, not paths of files')
  }
  if (dispatcher !== undefined && (proxy !== undefined || ca !== undefined)) {
    throw new TypeError('createRegistryClient: dispatcher goes without proxy and ca')
  }
  const numbers = { tokenTtl, timeout, 'retry.attempts': retry?.attempts, 'retry.delay': retry?.delay }
  for (const [name, value] of Object.entries(numbers)) {
    if (value === undefined || (typeof value === 'number' && value >= 0)) continue
    throw new TypeError(`createRegistryClient: ${name} must be a number, 0 or more, not ${String(value)}`)
  }
}

function checkTexts(name: string, value: unknown): void {
  if (value === undefined || (Array.isArray(value) && value.every((text) => typeof text === 'string'))) return
  throw new TypeError(`createRegistryClient: ${name} must be a list of strings, not ${kindOf(value)}`)
}
