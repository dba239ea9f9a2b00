import { PullpassError } from '../errors.js'

/** How long one call may take, and what stops it before that. */
export interface Budget extends Disposable {
  /** Aborted when the time is up, with an `ERR_TIMEOUT`, or with a given signal's own reason. */
  readonly signal: AbortSignal
}

/** What a timer takes; a longer one would go off at once. Three weeks. */
const LONGEST_TIMER = 2 ** 31 - 1

/** Starts a budget of `seconds`. Dispose of it, or the signals keep it. */
export function startBudget(seconds: number, ...signals: readonly (AbortSignal | undefined)[]): Budget {
  const controller = new AbortController()
  // Not AbortSignal.any: a client's signal may live for years, and calls come by the thousand.
  const releases = signals.map((signal) => follow(controller, signal))
  const timer = setTimeout(() => controller.abort(timeIsUp(seconds)), Math.min(seconds * 1000, LONGEST_TIMER))
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      clearTimeout(timer)
      for (const release of releases) release()
    },
  }
}

function follow(controller: AbortController, signal: AbortSignal | undefined): () => void {
  if (signal === undefined) return () => undefined
  const stop = (): void => controller.abort(signal.reason)
  if (signal.aborted) {
    stop()
    return () => undefined
  }
  signal.addEventListener('abort', stop, { once: true })
  return () => signal.removeEventListener('abort', stop)
}

function timeIsUp(seconds: number): PullpassError {
  return new PullpassError('ERR_TIMEOUT', `The registry client gave up after ${seconds} s`, {
    hint: 'Look whether the registry can be reached from here and how fast it answers; or allow more time by `timeout`.',
  })
}
