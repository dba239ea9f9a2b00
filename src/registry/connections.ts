import { createSecureContext, getCACertificates } from 'node:tls'
import { Agent, type Dispatcher } from 'undici'
import { createDispatcher } from '../adapters/undici/index.js'
import type { Logger } from '../logger.js'
import { planRoute } from '../proxy/index.js'
import type { ProxySettings } from '../settings/types.js'
import { guardedLookup, type RealmContext } from './realm.js'

/** As many as a registry sees of one client at most. Docker makes do with three. */
const MOST_CONNECTIONS = 30

/** Two for registries, and one for the token servers of each. More registries than one process deals with. */
const MOST_POOLS = 100

const agent = { connections: MOST_CONNECTIONS, allowH2: false }

/** What connections are made with. */
export interface ConnectionOptions {
  readonly proxy?: ProxySettings | undefined
  readonly dispatcher?: Dispatcher | undefined
  readonly ca?: readonly string[] | undefined
  readonly logger?: Logger | undefined
}

/** A client's connections: one pool a way out, made when it is first needed. */
export class Connections {
  readonly #options: ConnectionOptions
  readonly #pools = new Map<string, Dispatcher>()

  constructor({ proxy, dispatcher, ca, logger }: ConnectionOptions) {
    this.#options = { proxy, dispatcher, logger, ca: ca && [...getCACertificates('default'), ...ca] }
  }

  /**
   * The way to everything, with any certificate if `insecure`.
   *
   * @throws {PullpassError} `ERR_SETTINGS`: a certificate authority of the proxy's cannot be read.
   */
  to(insecure: boolean): Dispatcher {
    const { proxy, dispatcher, ca, logger } = this.#options
    if (dispatcher) return dispatcher
    const tls = { ...(ca && { ca: [...ca] }), rejectUnauthorized: !insecure }
    return this.#pool(`insecure ${insecure}`, () => createDispatcher(proxy, { tls, agent, logger }))
  }

  /** The way to a token server. Where we resolve its name ourselves, what it resolves to is checked. */
  toTokenServer(url: URL, context: RealmContext): Dispatcher {
    const { proxy, dispatcher, ca } = this.#options
    const isOwnHost = url.hostname === context.origin.hostname
    if (dispatcher || isOwnHost || planRoute(url, proxy).kind === 'proxy') return this.to(isOwnHost && context.insecure)
    return this.#pool(`token servers of ${context.origin.origin}`, () => {
      const secureContext = ca && createSecureContext({ ca: [...ca] })
      return new Agent({
        ...agent,
        connect: { lookup: guardedLookup(context), ...(secureContext && { secureContext }) },
      })
    })
  }

  /** Ends all connections but those of a given dispatcher. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()]
    this.#pools.clear()
    await Promise.all(pools.map((pool) => pool.destroy()))
  }

  #pool(key: string, make: () => Dispatcher): Dispatcher {
    const known = this.#pools.get(key)
    if (known) return known
    const pool = make()
    this.#pools.set(key, pool)
    const [oldest] = this.#pools
    if (this.#pools.size > MOST_POOLS && oldest) {
      this.#pools.delete(oldest[0])
      void oldest[1].close()
    }
    return pool
  }
}
