import type { Clock } from '../clock.js'
import { printedAs } from '../masking.js'
import { SingleFlight } from './single-flight.js'

/** A token for a registry. Times in milliseconds since 1970. */
export interface Token {
  readonly value: string
  /** When it was received. */
  readonly receivedAt: number
  /** When it ends, as its server said. */
  readonly expiresAt: number
}

/** More than the repositories that one process deals with; fewer than would be felt. */
const MOST_TOKENS = 1000

/** A token is renewed when a tenth of its life is left, or this long before its end if that is shorter. */
const LONGEST_EARLY = 30_000

/**
 * Tokens by what they were asked for, each until the sooner of its own end and `ttl` seconds after it came, renewed a
 * little early. Holds a thousand of them; the one that was not used for longest goes first. Whoever asks for one that
 * is being fetched waits for that one.
 */
export class TokenCache {
  readonly #tokens = new Map<string, Token>()
  readonly #flights = new SingleFlight<Token>()
  readonly #ttl: number
  readonly #clock: Clock

  constructor(ttl: number, clock: Clock) {
    this.#ttl = ttl * 1000
    this.#clock = clock
    printedAs(this, () => `TokenCache(${this.#tokens.size} tokens)`)
  }

  /** The token under `key`, if there is one that is still good. */
  get(key: string): Token | undefined {
    const token = this.#tokens.get(key)
    if (token === undefined) return undefined
    this.#tokens.delete(key)
    if (this.#clock.now() >= this.#renewAt(token)) return undefined
    this.#tokens.set(key, token)
    return token
  }

  /** Fetches a token and keeps it. */
  fetch(key: string, signal: AbortSignal, fetch: (signal: AbortSignal) => Promise<Token>): Promise<Token> {
    return this.#flights.join(key, signal, async (stop) => {
      const token = await fetch(stop)
      this.#keep(key, token)
      return token
    })
  }

  /** Forgets a token that was refused, unless there is a newer one already. */
  drop(key: string, token: Token): void {
    if (this.#tokens.get(key) === token) this.#tokens.delete(key)
  }

  #keep(key: string, token: Token): void {
    this.#tokens.delete(key)
    this.#tokens.set(key, token)
    if (this.#tokens.size <= MOST_TOKENS) return
    const [oldest] = this.#tokens.keys()
    if (oldest !== undefined) this.#tokens.delete(oldest)
  }

  #renewAt({ receivedAt, expiresAt }: Token): number {
    const end = Math.min(expiresAt, receivedAt + this.#ttl)
    return end - Math.min((end - receivedAt) / 10, LONGEST_EARLY)
  }
}
