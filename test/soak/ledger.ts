import { inspect } from 'node:util'
import { type Logger, PullpassError, type PullpassErrorCode } from 'pullpass'
import type { Random } from './random.js'

/** How an operation may fail. */
export interface Expectation {
  readonly codes: readonly PullpassErrorCode[]
  /** A word for an error that is not pullpass's own and still right; `undefined` for one that is not. */
  readonly others?: (error: unknown) => string | undefined
  /** Whether it may go on after it was stopped: what must not be left half done does. */
  readonly stopsLate?: boolean
}

/** An operation that has not ended by then is a finding. Once a secret is deleted, its successor has two minutes. */
const LONGEST = 150_000
/** One operation in five is stopped in the first instants of it, and every one in the end. */
const STOPPED = 0.2
const STOPPED_WITHIN = 600
const STOPPED_ALWAYS = 15_000
/** By then it has ended, what it had begun being undone; this machine may be busy. In ms. */
const STOP_TAKES = 5_000

/** What was done, what came of it, and what should not have. */
export class Ledger {
  readonly operations = new Map<string, number>()
  readonly succeeded = new Set<string>()
  readonly errors = new Map<string, number>()
  readonly findings: string[] = []
  /** How long the slowest of each took to end once it was stopped, in ms. */
  readonly slowestStop = new Map<string, number>()
  readonly logger: Logger
  lines = 0
  readonly #secrets: readonly RegExp[]

  constructor(secrets: readonly RegExp[]) {
    this.#secrets = secrets
    const at =
      (level: string) =>
      (fields: object, message: string): void => {
        this.lines++
        this.inspect(`a log line at ${level}`, [fields, message])
      }
    this.logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  }

  /** Runs an operation, some of them only until they are stopped. `undefined` where it failed. */
  async attempt<T>(
    title: string,
    random: Random,
    { codes, others, stopsLate = false }: Expectation,
    action: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> {
    const stop = new AbortController()
    const reason = new Error('enough')
    let stoppedAt = Infinity
    const after = random.chance(STOPPED) ? STOPPED_WITHIN * random.next() ** 2 : STOPPED_ALWAYS
    const stopper = setTimeout(() => {
      stoppedAt = performance.now()
      stop.abort(reason)
    }, after)
    const { promise: overdue, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => reject(new Error('it does not end')), LONGEST)
    increase(this.operations, title)
    try {
      const result = await Promise.race([action(stop.signal), overdue])
      this.succeeded.add(title)
      this.inspect(`a result of ${title}`, result)
      return result
    } catch (error) {
      if (error === reason) increase(this.errors, 'stopped')
      else this.#judge(title, error, codes, others)
      return undefined
    } finally {
      clearTimeout(stopper)
      clearTimeout(timer)
      const took = Math.max(0, performance.now() - stoppedAt)
      if (took > STOP_TAKES && !stopsLate) this.find(`${title} ended ${took.toFixed(0)} ms after it was stopped`)
      this.slowestStop.set(title, Math.max(took, this.slowestStop.get(title) ?? 0))
    }
  }

  #judge(title: string, error: unknown, codes: Expectation['codes'], others: Expectation['others']): void {
    this.inspect(`an error of ${title}`, error)
    const word = error instanceof PullpassError && codes.includes(error.code) ? error.code : others?.(error)
    if (word === undefined) this.find(`${title} failed with ${show(error)}`)
    increase(this.errors, word ?? 'UNEXPECTED')
  }

  /** Notes what is wrong. */
  find(what: string): void {
    if (this.findings.length < 100) this.findings.push(what)
    console.log(`FINDING ${what}`)
  }

  expect(condition: boolean, what: string): void {
    if (!condition) this.find(what)
  }

  /** A secret must not be in anything that may be printed. */
  inspect(what: string, value: unknown): void {
    const texts = [inspect(value, { depth: 12 }), String(value)]
    if (value instanceof Error) texts.push(value.stack ?? '', JSON.stringify(value))
    const printed = texts.join('\n')
    for (const secret of this.#secrets) {
      if (secret.test(printed)) this.find(`${secret.source} is in ${what}: ${printed.slice(0, 2000)}`)
    }
  }
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function show(error: unknown): string {
  return inspect(error, { depth: 4 }).slice(0, 2000)
}
