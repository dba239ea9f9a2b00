import { checkObject } from './kind-of.js'

/** The time, and what depends on it. `makeTestClock` of `pullpass/testing` makes one for tests. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Waits so many seconds; rejects with the signal's reason as soon as it is aborted. */
  wait(seconds: number, signal?: AbortSignal): Promise<void>
  /** From 0 to 1, by which waits are spread so that many programs do not come back at once. At 0.5 they are not. */
  random(): number
}

/** The clock and the chance of this machine. */
export const systemClock: Clock = { now: () => Date.now(), wait, random: () => Math.random() }

/**
 * What the option `clock` stands for.
 *
 * @throws {TypeError} Unless it is absent or a clock.
 */
export function clockOf(clock: Clock | undefined): Clock {
  if (clock === undefined) return systemClock
  checkObject(clock, 'clock')
  const missing = (['now', 'wait', 'random'] as const).find((method) => typeof clock[method] !== 'function')
  if (missing !== undefined) throw new TypeError(`clock must have the method ${missing}`)
  return clock
}

function wait(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      // The reason is the caller's own, whatever it is.
      reject(signal?.reason as Error)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, seconds * 1000)
    if (signal?.aborted === true) return stop()
    signal?.addEventListener('abort', stop, { once: true })
  })
}
