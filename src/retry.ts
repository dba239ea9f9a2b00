/** No wait between two attempts is longer than this, in seconds. */
const LONGEST_WAIT = 60

/** What {@link retry} needs besides the attempt itself. */
export interface RetryOptions {
  /** How many times after the first, and seconds before the first of them. Absent: one attempt. */
  readonly settings: { readonly attempts: number; readonly delay: number } | undefined
  /** Whether an error may pass by itself. */
  readonly mayPass: (error: unknown) => boolean
  /** Told of each wait, in seconds. */
  readonly onWait?: (error: unknown, seconds: number) => void
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs `attempt` until it succeeds, fails for good, or was tried often enough. The wait before the next one doubles
 * each time, give or take a fifth so that many clients do not come back at once.
 *
 * @throws What the last attempt threw, or the signal's reason.
 * @throws {TypeError} `settings` lacks a number.
 */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { settings = { attempts: 0, delay: 0 }, mayPass, onWait, signal } = options
  if (!(settings.attempts >= 0 && settings.delay >= 0))
    throw new TypeError('retry must have attempts and delay, 0 or more')
  for (let failures = 0; ; failures++) {
    signal?.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      if (failures >= settings.attempts || signal?.aborted === true || !mayPass(error)) throw error
      const jitter = 0.8 + 0.4 * Math.random()
      const seconds = Math.min(settings.delay * 2 ** failures * jitter, LONGEST_WAIT)
      onWait?.(error, seconds)
      await wait(seconds, signal)
    }
  }
}

/** Waits, and rejects with the signal's reason as soon as it is aborted. */
export function wait(seconds: number, signal?: AbortSignal): Promise<void> {
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
