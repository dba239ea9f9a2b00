import type { Clock } from '../clock.js'
import { kindOf } from '../kind-of.js'

/** Options of {@link makeTestClock}. */
export interface TestClockOptions {
  /** What time it is at first. Default: now. */
  readonly start?: Date | undefined
  /**
   * Whether waits last until `advance` has moved the time past their end. Default `false`: every wait ends at once, and
   * moves the time on by as much.
   */
  readonly hold?: boolean | undefined
}

/** A clock that moves when it is told to, or waited on. Its waits are not spread. */
export interface TestClock extends Clock {
  /** Seconds of every wait so far, in the order in which they began. */
  readonly waits: readonly number[]
  /** Moves the time on, and ends the waits that are over by then, the earliest first. */
  advance(seconds: number): void
  /**
   * The seconds of the next wait: at each call of the one after that of the call before, as soon as it begins. What is
   * under way for real, such as a request to a registry, has got as far as to that wait then.
   */
  nextWait(): Promise<number>
}

/**
 * Makes a clock for the option `clock` of whatever has it: tokens and answers grow old, and retries wait, by the test's
 * time. Deadlines (`timeout`) and connections stay in real time.
 *
 * @throws {TypeError} An option has the wrong type.
 */
export function makeTestClock(options: TestClockOptions = {}): TestClock {
  const { start = new Date(), hold = false } = options
  if (!(start instanceof Date && Number.isFinite(start.getTime()))) throw new TypeError('start must be a valid Date')
  if (typeof hold !== 'boolean') throw new TypeError(`hold must be true or false, not ${kindOf(hold)}`)
  return new ManualClock(start.getTime(), hold)
}

interface HeldWait {
  /** Milliseconds since 1970. */
  readonly until: number
  readonly end: () => void
}

class ManualClock implements TestClock {
  readonly waits: number[] = []
  #now: number
  readonly #hold: boolean
  readonly #held = new Set<HeldWait>()
  #awaited = 0
  #onWait: (() => void)[] = []

  constructor(now: number, hold: boolean) {
    this.#now = now
    this.#hold = hold
  }

  now(): number {
    return this.#now
  }

  random(): number {
    return 0.5
  }

  async wait(seconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    this.waits.push(seconds)
    for (const tell of this.#onWait.splice(0)) tell()
    if (this.#hold) await this.#until(this.#now + seconds * 1000, signal)
    else this.advance(seconds)
  }

  advance(seconds: number): void {
    if (!(seconds >= 0)) throw new TypeError(`advance: seconds must be a number, 0 or more, not ${String(seconds)}`)
    this.#now += seconds * 1000
    const over = [...this.#held].filter(({ until }) => until <= this.#now)
    for (const { end } of over.sort((one, other) => one.until - other.until)) end()
  }

  async nextWait(): Promise<number> {
    const index = this.#awaited++
    for (;;) {
      const seconds = this.waits[index]
      if (seconds !== undefined) return seconds
      await new Promise<void>((resolve) => this.#onWait.push(resolve))
    }
  }

  #until(until: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#held.delete(held)
        // The reason is the caller's own, whatever it is.
        reject(signal?.reason as Error)
      }
      const held: HeldWait = {
        until,
        end: () => {
          this.#held.delete(held)
          signal?.removeEventListener('abort', stop)
          resolve()
        },
      }
      if (until <= this.#now) return resolve()
      this.#held.add(held)
      signal?.addEventListener('abort', stop, { once: true })
    })
  }
}
