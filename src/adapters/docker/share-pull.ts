import type Docker from 'dockerode'
import { abortable } from '../../abortable.js'
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
    const mine = new SharedPull(start, () => {
      // By then another one may be under way.
      if (pulls.get(key) === mine) pulls.delete(key)
    })
    pulls.set(key, mine)
    pull = mine
  }
  return pull.follow(follower)
}

class SharedPull {
  readonly #listeners = new Set<(progress: PullProgress) => void>()
  readonly #controller = new AbortController()
  readonly #end: Promise<PullEnd>
  readonly #forget: () => void

  constructor(start: Start, forget: () => void) {
    this.#forget = forget
    const tellAll = (progress: PullProgress): void => {
      for (const tell of this.#listeners) tell(progress)
    }
    this.#end = start(tellAll, this.#controller.signal).finally(forget)
  }

  async follow({ onProgress, signal }: Follower): Promise<PullEnd> {
    // An error of one follower's own is no concern of the others.
    const { promise: failed, reject: fail } = Promise.withResolvers<never>()
    const tell = (progress: PullProgress): void => {
      try {
        onProgress?.(progress)
      } catch (error) {
        fail(error)
      }
    }
    this.#listeners.add(tell)
    try {
      return await abortable(Promise.race([this.#end, failed]), signal)
    } finally {
      this.#listeners.delete(tell)
      if (this.#listeners.size === 0) await this.#stop()
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
