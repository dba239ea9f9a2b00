/** Something to measure: runs once and returns what it made, so that no engine can leave it out. */
export type Contender = () => unknown

export interface MeasureOptions {
  /** How often each contender gets its turn. The median counts. */
  readonly rounds?: number
  /** How long a turn is, in milliseconds. */
  readonly turn?: number
}

/**
 * Measures contenders against each other in one process: short turns, one after the other, starting with another one
 * each round, so that whatever else the machine does hits all of them alike.
 *
 * @returns For each, the runs a second: the median over the rounds.
 */
export function compare<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  { rounds = 21, turn = 60 }: MeasureOptions = {},
): Record<Name, number> {
  const names = Object.keys(contenders) as Name[]
  const runs = new Map(names.map((name) => [name, runsPerTurn(contenders[name], turn)]))
  const rates = new Map(names.map((name) => [name, [] as number[]]))
  for (let round = 0; round < rounds; round++) {
    for (let turnNumber = 0; turnNumber < names.length; turnNumber++) {
      const name = names[(round + turnNumber) % names.length]!
      const count = runs.get(name)!
      rates.get(name)!.push((count / time(contenders[name], count)) * 1000)
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(rates.get(name)!)])) as Record<Name, number>
}

/** How long `count` runs take, in milliseconds. */
export function time(contender: Contender, count: number): number {
  let made = 0
  const start = performance.now()
  for (let run = 0; run < count; run++) if (contender() !== undefined) made++
  const duration = performance.now() - start
  if (made < 0) throw new Error('unreachable')
  return duration
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Finds out, and warms up on the way. */
function runsPerTurn(contender: Contender, turn: number): number {
  for (let runs = 1; ; runs *= 2) {
    const duration = time(contender, runs)
    if (duration >= turn) return Math.max(1, Math.round((runs * turn) / duration))
  }
}
