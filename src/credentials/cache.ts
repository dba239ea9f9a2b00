import { abortable } from '../abortable.js'
import type { Clock } from '../clock.js'

/** What a look-up brought, and until when it may be kept. */
export interface Answer<T> {
  readonly value: T
  readonly expiresAt?: Date | undefined
}

interface Flight<T> {
  readonly answer: Promise<T>
  readonly stop: AbortController
  waiting: number
}

interface Kept<T> {
  readonly value: T
  /** Milliseconds since 1970. */
  readonly until: number
}

/** Answers that are kept at most; the oldest goes first. */
const MAX_KEPT = 1000

/**
 * Keeps the answers of look-ups for a time, and asks once for all who ask at the same time. A look-up that failed is
 * not kept: who asks next asks anew.
 */
export class AnswerCache<T> {
  readonly #lifetime: number
  readonly #clock: Clock
  readonly #kept = new Map<string, Kept<T>>()
  #flights = new Map<string, Flight<T>>()

  /** @param ttl Seconds that an answer is kept, or until its `expiresAt` where that is sooner. 0 keeps none. */
  constructor(ttl: number, clock: Clock) {
    this.#lifetime = ttl * 1000
    this.#clock = clock
  }

  /**
   * The answer that is kept for `key`, or of the look-up that is under way for it, or of a new one.
   *
   * @param signal Ends the wait of this caller. The look-up itself goes on for as long as somebody waits for it.
   */
  async get(
    key: string,
    lookUp: (signal: AbortSignal) => Promise<Answer<T>>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    signal?.throwIfAborted()
    const kept = this.#kept.get(key)
    if (kept && kept.until > this.#clock.now()) return kept.value
    const flight = this.#flights.get(key) ?? this.#start(key, lookUp)
    flight.waiting++
    try {
      return await abortable(flight.answer, signal)
    } finally {
      if (--flight.waiting === 0) this.#land(key, flight, signal)
    }
  }

  /** Forgets every answer. Look-ups that are under way are for those who wait for them already, not for who asks next. */
  clear(): void {
    this.#kept.clear()
    this.#flights = new Map()
  }

  #start(key: string, lookUp: (signal: AbortSignal) => Promise<Answer<T>>): Flight<T> {
    const stop = new AbortController()
    const answer = lookUp(stop.signal).then(({ value, expiresAt }) => {
      if (this.#flights.get(key) === flight) this.#keep(key, value, expiresAt)
      return value
    })
    const flight: Flight<T> = { answer, stop, waiting: 0 }
    this.#flights.set(key, flight)
    return flight
  }

  #keep(key: string, value: T, expiresAt: Date | undefined): void {
    const now = this.#clock.now()
    const until = Math.min(now + this.#lifetime, expiresAt?.getTime() ?? Infinity)
    // Set anew, it is the youngest.
    this.#kept.delete(key)
    if (until <= now) return
    this.#kept.set(key, { value, until })
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest)
  }

  /** Nobody waits any more: the look-up has ended, or is not needed. */
  #land(key: string, flight: Flight<T>, signal: AbortSignal | undefined): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
    flight.stop.abort(signal?.reason)
  }
}
