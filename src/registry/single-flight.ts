import { abortable } from '../abortable.js'

interface Flight<T> {
  readonly result: Promise<T>
  readonly stop: AbortController
  waiting: number
}

/**
 * Work that is done once for everybody who asks for it at the same time. Whoever aborts stops waiting; the work itself
 * stops when nobody waits any more.
 */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>()

  /** Joins the work under `key`, or starts it. `start` gets the signal that stops it. */
  async join(key: string, signal: AbortSignal, start: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    const flight = this.#flights.get(key) ?? this.#takeOff(key, start)
    flight.waiting += 1
    try {
      return await abortable(flight.result, signal)
    } finally {
      flight.waiting -= 1
      if (flight.waiting === 0) {
        if (this.#flights.get(key) === flight) this.#flights.delete(key)
        flight.stop.abort(signal.reason)
      }
    }
  }

  #takeOff(key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const stop = new AbortController()
    const result = start(stop.signal).finally(() => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
    })
    // Where everybody has aborted, nobody is left to hear of a failure.
    result.catch(() => undefined)
    const flight: Flight<T> = { result, stop, waiting: 0 }
    this.#flights.set(key, flight)
    return flight
  }
}
