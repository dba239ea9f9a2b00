import { type Clock, clockOf } from '../../clock.js'
import { redact } from '../../failures/redact.js'
import type { Logger } from '../../logger.js'
import { growingWait } from '../../retry.js'
import { type LivingNamespace, listNamespaces, type NamespaceChange, watchNamespaces } from './namespaces.js'
import { pause, sessionFor } from './session.js'
import { type CurrentContent, readContent, refresh } from './sync-credentials.js'
import type { SyncOptions, SyncRun } from './sync-run.js'

const DAY = 24 * 60 * 60

/**
 * Keeps namespaces up to date: what is new is taken in, what failed is tried again, and credentials are renewed.
 */
export class Upkeep {
  readonly #run: SyncRun
  readonly #options: SyncOptions
  readonly #clock: Clock
  /** Aborted by the first error that is nobody's namespace's: of the user's `onResult`, or the first list. */
  readonly #broken = new AbortController()
  readonly #signal: AbortSignal
  /** Name to uid. */
  readonly #known = new Map<string, string>()
  readonly #failing = new Set<string>()
  readonly #underWay = new Set<Promise<void>>()

  constructor(run: SyncRun, options: SyncOptions) {
    this.#run = run
    this.#options = options
    this.#clock = clockOf(options.clock)
    this.#signal = AbortSignal.any([this.#broken.signal, ...(options.signal ? [options.signal] : [])])
  }

  /** Returns when the signal is aborted and nothing is under way any more. */
  async untilStopped(): Promise<void> {
    const { namespaces, signal } = this.#options
    if (namespaces) namespaces.forEach((name) => this.#see({ name, uid: '' }))
    else this.#start(this.#follow())
    this.#start(this.#renew())
    if (!this.#signal.aborted) {
      await new Promise((resolve) => this.#signal.addEventListener('abort', resolve, { once: true }))
    }
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
    if (signal?.aborted !== true) throw this.#broken.signal.reason as Error
  }

  #start(work: Promise<void>): void {
    const task: Promise<void> = work
      .catch((error: unknown) => this.#broken.abort(error))
      .finally(() => this.#underWay.delete(task))
    this.#underWay.add(task)
  }

  /** Lists all namespaces and watches from there; from the beginning again where that breaks off. */
  async #follow(): Promise<void> {
    for (let failures = 0, isFirst = true; ; failures++) {
      try {
        const { namespaces, resourceVersion } = await listNamespaces(this.#run.session(), this.#selector)
        isFirst = false
        const names = new Set(namespaces.map(({ name }) => name))
        for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name)
        namespaces.forEach((namespace) => this.#see(namespace))
        let from: string | undefined = resourceVersion
        while (from !== undefined) {
          from = await this.#watch(from)
          failures = 0
          await this.#rest(failures)
        }
      } catch (error) {
        this.#signal.throwIfAborted()
        if (isFirst) throw error
        this.#log('warn', error, 'The watch of namespaces broke off')
      }
      await this.#rest(failures)
    }
  }

  #watch(from: string): Promise<string | undefined> {
    // To list anew is the way to repeat this.
    const session = sessionFor(this.#run.core, {
      signal: this.#signal,
      retry: { attempts: 0, delay: 0 },
      clock: this.#clock,
    })
    return watchNamespaces(session, this.#selector, from, (change) => this.#notice(change))
  }

  #notice(change: NamespaceChange): void {
    if (change.type === 'present') this.#see(change.namespace)
    else this.#known.delete(change.name)
  }

  #see({ name, uid }: LivingNamespace): void {
    if (this.#known.get(name) === uid) return
    this.#known.set(name, uid)
    this.#start(this.#care(name))
  }

  /** Brings a namespace up to date, and comes back to it until that succeeds or it is gone. */
  async #care(name: string): Promise<void> {
    await this.#run.one(name)
    // One is enough to come back to it.
    if (this.#failing.has(name)) return
    this.#failing.add(name)
    for (let failures = 1; this.#isFailing(name); failures++) {
      await this.#rest(failures)
      if (this.#isFailing(name)) await this.#run.one(name)
    }
    this.#failing.delete(name)
  }

  #isFailing(name: string): boolean {
    return this.#known.has(name) && this.#run.results.get(name)?.action === 'failed'
  }

  /** New credentials before the old ones expire, for as long as it is known when that is. */
  async #renew(): Promise<void> {
    while (this.#run.current.expiresAt !== undefined) {
      const seconds = secondsUntilRenewal(this.#run.current.expiresAt, this.#clock)
      await pause(this.#clock, Math.min(seconds, DAY), this.#signal)
      if (seconds > DAY) continue
      const before = JSON.stringify(this.#run.current.content)
      this.#run.current = await this.#readAnew()
      if (JSON.stringify(this.#run.current.content) === before) continue
      for (const name of this.#known.keys()) this.#start(this.#care(name))
    }
  }

  async #readAnew(): Promise<CurrentContent> {
    for (let failures = 0; ; failures++) {
      try {
        refresh(this.#options)
        return await readContent(this.#options, this.#signal)
      } catch (error) {
        this.#signal.throwIfAborted()
        this.#log('error', error, 'The credentials could not be renewed')
        await this.#rest(failures)
      }
    }
  }

  get #selector(): string {
    return this.#options.labelSelector ?? ''
  }

  #rest(failures: number): Promise<void> {
    const seconds = growingWait(this.#options.retry?.delay ?? 0.5, failures, this.#clock)
    return pause(this.#clock, seconds, this.#signal)
  }

  #log(level: keyof Logger, error: unknown, message: string): void {
    // It may be of the user's own provider.
    const words = redact(error instanceof Error ? error.message : String(error))
    this.#options.logger?.[level]({ orchestrator: 'kubernetes', error: words }, message)
  }
}

/** Between 70 and 90 per cent of what is left, so that many programs do not renew at once. */
function secondsUntilRenewal(expiresAt: number, clock: Clock): number {
  const left = (expiresAt - clock.now()) / 1000
  return left > 0 ? Math.max(left * (0.7 + 0.2 * clock.random()), 0.1) : 5
}
