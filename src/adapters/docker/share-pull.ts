import type Docker from 'dockerode'
import type { PullProgress } from './progress.js'
import type { PullEnd } from './pull-stream.js'

/** Someone who waits for a pull. */
interface Follower {
  readonly onProgress: ((progress: PullProgress) => void) | undefined
  readonly signal: AbortSignal | undefined
}

type Start = (onProgress: (progress: PullProgress) => void, signal: AbortSignal) => Promise<PullEnd>

/** Pulls under way, by the user's own client: nothing outlives it. */
const underWay = new WeakMap<Docker, Map<string, SharedPull>>()

/**
 * Joins the pull that is under way for `key`, or starts one. Each follower has its own progress and its own signal; the
 * pull itself is stopped when the last of them has gone.
 */
export function sharePull(docker: Docker, key: string, follower: Follower, start: Start): Promise<PullEnd> {
  const pulls = underWay.get(docker) ?? new Map<string, SharedPull>()
  underWay.set(docker, pulls)
  let pull = pulls.get(key)
  if (!pull) {
    pull = new SharedPull(start, () => pulls.delete(key))
    pulls.set(key, pull)
  }
  return pull.follow(follower)
}

class SharedPull {
  readonly #followers = new Set<Follower>()
  readonly #controller = new AbortController()
  readonly #end: Promise<PullEnd>
  readonly #forget: () => void

  constructor(start: Start, forget: () => void) {
    this.#forget = forget
    const tellAll = (progress: PullProgress): void => {
      for (const { onProgress } of this.#followers) onProgress?.(progress)
    }
    this.#end = start(tellAll, this.#controller.signal).finally(forget)
  }

  async follow(follower: Follower): Promise<PullEnd> {
    this.#followers.add(follower)
    try {
      return await unlessAborted(this.#end, follower.signal)
    } finally {
      this.#followers.delete(follower)
      if (this.#followers.size === 0) await this.#stop()
    }
  }

  /** Does nothing to a pull that has ended. */
  async #stop(): Promise<void> {
    // A newcomer must not join a pull that is being stopped.
    this.#forget()
    this.#controller.abort()
    await this.#end.catch(() => {})
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
