import type { Dispatcher } from 'undici'
import type { Clock } from '../clock.js'
import type { ResolvedCredentials } from '../credentials/index.js'
import { PullpassError } from '../errors.js'
import type { Logger } from '../logger.js'
import type { RetrySettings } from '../settings/types.js'
import { type AuthorizationPlan, planAuthorization } from './authorization.js'
import { parseChallenges } from './challenges.js'
import { connectionError } from './connection-failure.js'
import type { Connections } from './connections.js'
import { type Contact, contactFrom, greet } from './contact.js'
import type { Endpoint } from './endpoint.js'
import { exchange, type HttpHop, type HttpRequest, type HttpResponse, shownUrl } from './http.js'
import { patiently } from './patience.js'
import { checkRealm, type RealmContext, type ResolveHost } from './realm.js'
import { type Asked, registryRefusal } from './refusals.js'
import { SingleFlight } from './single-flight.js'
import type { Token, TokenCache } from './token-cache.js'
import { requestToken, type TokenOrder, type TokenRequest } from './token-request.js'

/** What all sessions of a client share. */
export interface Shared {
  readonly connections: Connections
  readonly tokens: TokenCache
  readonly retry: RetrySettings
  /** Seconds. */
  readonly timeout: number
  readonly clock: Clock
  readonly tokenServers: readonly string[]
  readonly resolve: ResolveHost
  readonly logger: Logger | undefined
}

/** One call of a client's. */
export interface Call {
  readonly found: ResolvedCredentials
  readonly signal: AbortSignal
  /** In milliseconds of the clock. */
  readonly endsAt: number
  readonly onHop?: ((hop: Hop) => void) | undefined
}

/** An exchange, with whom it was, and whether any certificate would have done. */
export type Hop = HttpHop & { readonly to: 'registry' | 'token server' | 'elsewhere'; readonly insecure: boolean }

/** What is asked of a registry. */
export interface Ask {
  readonly method: 'GET' | 'HEAD'
  /** Below the registry's origin. */
  readonly path: string
  readonly accept?: string
  /** Absent: the registry itself; a token for it names none. */
  readonly scope?: string
  /** For errors: `acme/app:1.0`. */
  readonly what?: string
  /** Whether it is a part of an image that is there, so that its absence is a fault. */
  readonly isPart?: boolean
  /** Statuses besides 200 that are no error here. */
  readonly tolerated?: readonly number[]
}

/** An answer, and what was sent to get it. */
export interface Answer extends HttpResponse {
  readonly sent: Asked['sent']
}

/** What was sent along, and the token that was in it. */
interface Authorization {
  readonly header?: string
  readonly token?: Token
  /** A token that others have used before: it may have been revoked since. */
  readonly isUsed: boolean
}

/** How an answer came about. */
interface Circumstances {
  readonly ask: Ask
  readonly contact: Contact
  readonly plan: AuthorizationPlan
  readonly authorization: Authorization
  readonly call: Call
}

/** Most manifests are a few kilobytes; registries take 4 MiB at most. */
const MOST_BYTES = 4 * 1024 * 1024
const MOST_TOKEN_BYTES = 1024 * 1024
const MOST_GREETING_BYTES = 64 * 1024
const MOST_SCOPES = 1000

/** The exchange with one registry: where it answers, what it asks for, and the tokens that it wants to see. */
export class RegistrySession {
  readonly #endpoint: Endpoint
  readonly #shared: Shared
  readonly #contacts = new SingleFlight<Contact>()
  #contact: Contact | undefined
  /** What the registry wanted of a token besides what was asked for, by the latter. */
  readonly #wanted = new Map<string, readonly string[]>()

  constructor(endpoint: Endpoint, shared: Shared) {
    this.#endpoint = endpoint
    this.#shared = shared
  }

  /**
   * Asks the registry, authorized as it wants it. A token that it no longer takes is replaced once.
   *
   * @throws {PullpassError} What a refusal or a failed connection means.
   */
  async request(ask: Ask, call: Call): Promise<Answer> {
    const contact = await this.#reach(call)
    const plan = this.#plan(contact, ask, call)
    const authorization = await this.#authorize(plan, contact, call)
    const response = await this.#ask(ask, contact, authorization, call)
    // A 401 from where the registry redirects to is not about what the registry wants to see.
    if (response.status !== 401 || response.url.origin !== contact.origin.origin) {
      return this.#accept(response, { ask, contact, plan, authorization, call })
    }
    if (plan.kind === 'token' && authorization.token) this.#shared.tokens.drop(plan.key, authorization.token)
    const corrected = this.#correct(contact, response, ask)
    const next = this.#plan(corrected, ask, call)
    const isWorthAnother = authorization.isUsed || (next.kind !== 'none' && next.key !== plan.key)
    if (!isWorthAnother) return this.#accept(response, { ask, contact, plan, authorization, call })
    const other = await this.#authorize(next, corrected, call)
    const second = await this.#ask(ask, corrected, other, call)
    return this.#accept(second, { ask, contact, plan: next, authorization: other, call })
  }

  #accept(response: HttpResponse, { ask, contact, plan, authorization, call }: Circumstances): Answer {
    const sent = ({ none: 'nothing', header: 'credentials', token: 'token' } as const)[plan.kind]
    if (response.status === 200 || ask.tolerated?.includes(response.status) === true) return { ...response, sent }
    const { registry, origins } = this.#endpoint
    const isElsewhere = origins.every(({ origin }) => origin !== response.url.origin)
    throw registryRefusal(response, {
      ...ask,
      registry,
      sent,
      found: call.found,
      authorization: authorization.header,
      isNoRegistry: contact.isNoRegistry,
      ...(isElsewhere && { elsewhere: shownUrl(response.url) }),
    })
  }

  /** Where the registry answers: known from before, or found out once for everybody who asks now. */
  async #reach(call: Call): Promise<Contact> {
    return this.#contact ?? this.#contacts.join('contact', call.signal, (stop) => this.#greet(call, stop))
  }

  async #greet(call: Call, signal: AbortSignal): Promise<Contact> {
    const { registry } = this.#endpoint
    const request = {
      headers: {},
      maxBytes: MOST_GREETING_BYTES,
      route: this.#route,
      signal,
      onHop: this.#seenBy(call, 'registry'),
    }
    const send = (url: URL): Promise<HttpResponse> => exchange({ ...request, method: 'GET', url })
    const greeting = await this.#patiently(() => greet(this.#endpoint, send), signal)
    if (greeting.status === 429 || greeting.status >= 500) {
      throw registryRefusal(greeting, { registry, found: call.found, sent: 'nothing' })
    }
    return (this.#contact = contactFrom(greeting))
  }

  /** What the registry says it wants, now that it has refused. */
  #correct(contact: Contact, response: HttpResponse, ask: Ask): Contact {
    const challenges = parseChallenges(response.headers['www-authenticate'] ?? [])
    if (challenges.length === 0) return contact
    if (ask.scope !== undefined) {
      if (this.#wanted.size >= MOST_SCOPES) this.#wanted.clear()
      this.#wanted.set(
        ask.scope,
        challenges.flatMap(({ parameters }) => parameters['scope'] ?? []),
      )
    }
    return (this.#contact = { ...contact, challenges })
  }

  #plan({ challenges }: Contact, { scope }: Ask, { found }: Call): AuthorizationPlan {
    const scopes = scope === undefined ? [] : [scope, ...(this.#wanted.get(scope) ?? [])]
    return planAuthorization(challenges, {
      registry: this.#endpoint.registry,
      scopes,
      credentials: found.credentials,
    })
  }

  async #authorize(plan: AuthorizationPlan, contact: Contact, call: Call): Promise<Authorization> {
    if (plan.kind === 'none') return { isUsed: false }
    if (plan.kind === 'header') return { header: plan.header, isUsed: false }
    const { tokens } = this.#shared
    const known = tokens.get(plan.key)
    const token =
      known ?? (await tokens.fetch(plan.key, call.signal, (stop) => this.#fetchToken(plan.order, contact, call, stop)))
    return { header: `Bearer ${token.value}`, token, isUsed: known !== undefined }
  }

  #fetchToken(order: TokenOrder, { origin }: Contact, call: Call, signal: AbortSignal): Promise<Token> {
    const { clock, connections, tokenServers, resolve } = this.#shared
    const { registry, insecure } = this.#endpoint
    const context: RealmContext = { registry, origin, insecure, tokenServers, resolve }
    const route = async (url: URL): Promise<Dispatcher> => {
      await checkRealm(url, context)
      return connections.toTokenServer(url, context)
    }
    const request = { maxBytes: MOST_TOKEN_BYTES, route, signal, onHop: this.#seenBy(call, 'token server') }
    const send = (wire: TokenRequest): Promise<HttpResponse> =>
      this.#patiently(() => exchange({ ...request, ...wire }), signal)
    return requestToken(order, send, clock)
  }

  async #ask(ask: Ask, contact: Contact, { header }: Authorization, call: Call): Promise<HttpResponse> {
    const request = {
      method: ask.method,
      url: new URL(ask.path, contact.origin),
      headers: ask.accept === undefined ? {} : { accept: ask.accept },
      authorization: header,
      maxBytes: MOST_BYTES,
      route: this.#route,
      signal: call.signal,
      onHop: this.#seenBy(call, 'registry'),
    }
    try {
      return await this.#patiently(() => exchange(request), call.signal, call.endsAt)
    } catch (error) {
      // It may have moved between http and https.
      if (this.#contact === contact) this.#contact = undefined
      throw error
    }
  }

  /** Retries, and turns what breaks for good into an error that says so. */
  async #patiently<T extends HttpResponse>(
    attempt: () => Promise<T>,
    signal: AbortSignal,
    // Whoever waits for work that is shared has a deadline of their own.
    endsAt: number = this.#shared.clock.now() + this.#shared.timeout * 1000,
  ): Promise<T> {
    const { retry, clock, logger } = this.#shared
    try {
      return await patiently(attempt, { retry, clock, signal, endsAt, logger })
    } catch (error) {
      throw signal.aborted ? error : connectionError(error, this.#endpoint.registry)
    }
  }

  /** The way to the registry, and to where it redirects: blobs are often kept elsewhere. */
  readonly #route: HttpRequest['route'] = (url, from) => {
    const { registry, insecure } = this.#endpoint
    const isForgiven = insecure && this.#isOwnHost(url)
    if (from?.protocol === 'https:' && url.protocol === 'http:' && !isForgiven) {
      throw new PullpassError('ERR_REGISTRY_FAULT', `${registry} redirects from https to ${shownUrl(url)}`, {
        hint: 'Only whoever runs the registry can correct that: its storage, or its external URL, has to be https.',
      })
    }
    return this.#shared.connections.to(isForgiven)
  }

  #isOwnHost(url: URL): boolean {
    return this.#endpoint.origins.some(({ hostname }) => hostname === url.hostname)
  }

  #seenBy({ onHop }: Call, whom: 'registry' | 'token server'): HttpRequest['onHop'] {
    if (!onHop) return undefined
    return (hop) => {
      const { origins, insecure } = this.#endpoint
      const isRegistry = origins.some(({ origin }) => origin === hop.url.origin)
      const to = whom === 'registry' && !isRegistry ? 'elsewhere' : whom
      onHop({ ...hop, to, insecure: insecure && this.#isOwnHost(hop.url) })
    }
  }
}
