import type { Clock } from './clock.js'
import { checkObject } from './kind-of.js'

/** No wait between two attempts is longer than this, in seconds. */
export const LONGEST_WAIT = 60

/** How often, and how long before the first time: the shape of `RetrySettings`. */
interface Retries {
  readonly attempts: number
  readonly delay: number
}

/** What an operator gets who says nothing. */
const OPERATORS_DEFAULTS: Retries = { attempts: 3, delay: 5 }

/**
 * What the option `retry` stands for: what it leaves out is the default.
 *
 * @throws {TypeError} It is no object.
 */
export function retryOf(
  given: { readonly attempts?: number | undefined; readonly delay?: number | undefined } | undefined,
  defaults: Retries = OPERATORS_DEFAULTS,
): Retries {
  if (given !== undefined) checkObject(given, 'retry')
  return { attempts: given?.attempts ?? defaults.attempts, delay: given?.delay ?? defaults.delay }
}

/** What {@link retry} needs besides the attempt itself. */
export interface RetryOptions {
  /** How many times after the first, and seconds before the first of them. */
  readonly settings: Retries
  readonly clock: Clock
  /** Whether an error may pass by itself. */
  readonly mayPass: (error: unknown) => boolean
  /** How many seconds whoever refused asks to wait. Above {@link LONGEST_WAIT}: there is no further attempt. */
  readonly asks?: (error: unknown) => number | undefined
  /** Seconds that no wait is longer than. Default {@link LONGEST_WAIT}. */
  readonly longestWait?: number
  /** In milliseconds of the clock. A wait that would end later is not begun. */
  readonly endsAt?: number
  /** Told of each wait, in seconds. */
  readonly onWait?: (error: unknown, seconds: number) => void
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs `attempt` until it succeeds, fails for good, or was tried often enough. The wait before the next one is what was
 * asked for and up to a tenth more; else it doubles each time, give or take a fifth.
 *
 * @throws What the last attempt threw, or the signal's reason.
 * @throws {TypeError} A number of `settings` is none, or negative.
 */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { settings, mayPass, onWait, clock, signal } = options
  if (!(settings.attempts >= 0 && settings.delay >= 0))
    throw new TypeError('retry must have attempts and delay, 0 or more')
  for (let failures = 0; ; failures++) {
    signal?.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      if (failures >= settings.attempts || signal?.aborted === true || !mayPass(error)) throw error
      const seconds = secondsBefore(error, growingWait(settings.delay, failures, clock), options)
      if (seconds === undefined) throw error
      onWait?.(error, seconds)
      await clock.wait(seconds, signal)
    }
  }
}

/** `undefined` when that would be too long. */
function secondsBefore(error: unknown, growing: number, options: RetryOptions): number | undefined {
  const { clock, asks, longestWait = LONGEST_WAIT, endsAt = Infinity } = options
  const asked = asks?.(error)
  if (asked !== undefined && asked > LONGEST_WAIT) return undefined
  const seconds = Math.min(asked === undefined ? growing : spreadBehind(asked, clock), longestWait)
  return clock.now() + seconds * 1000 < endsAt ? seconds : undefined
}

/** Seconds before the next attempt: twice as many after each failure, give or take a fifth. */
export function growingWait(delay: number, failures: number, clock: Clock): number {
  return Math.min(delay * 2 ** Math.min(failures, 32) * (0.8 + 0.4 * clock.random()), LONGEST_WAIT)
}

/** Everybody who was told the same would come back at the same moment: up to a tenth more. */
function spreadBehind(asked: number, clock: Clock): number {
  return Math.min(asked * (1 + 0.2 * Math.abs(clock.random() - 0.5)), LONGEST_WAIT)
}

/** The seconds that a `Retry-After` asks for, in seconds or as a date (RFC 9110, 10.2.3); `undefined` where it is neither. */
export function secondsOfRetryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? ''
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text)
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000)
}
