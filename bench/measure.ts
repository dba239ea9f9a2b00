/** Something to measure: does its work `runs` times, and returns what it made, so that no engine can leave it out. */
export type Contender = (runs: number) => unknown

export interface CompareOptions {
  /** How often each contender gets its turn. The median counts. */
  readonly rounds?: number
  /** How long a turn is, in milliseconds. */
  readonly turn?: number
}

/**
 * Measures contenders against each other in one process: short turns, one after the other, another one first each
 * round, so that whatever else the machine does hits all of them alike.
 *
 * @returns For each, the runs a second: the median over the rounds.
 */
export function compare(
  contenders: Readonly<Record<string, Contender>>,
  { rounds = 21, turn = 60 }: CompareOptions = {},
): Record<string, number> {
  const entries = Object.entries(contenders).map(([name, contender]) => ({
    name,
    contender,
    runs: runsPerTurn(contender, turn),
    rates: [] as number[],
  }))
  for (let round = 0; round < rounds; round++) {
    for (let position = 0; position < entries.length; position++) {
      const { contender, runs, rates } = entries[(round + position) % entries.length]!
      rates.push((runs / time(contender, runs)) * 1000)
    }
  }
  return Object.fromEntries(entries.map(({ name, rates }) => [name, median(rates)]))
}

/** How long `runs` take, in milliseconds. */
export function time(contender: Contender, runs: number): number {
  const start = performance.now()
  contender(runs)
  return performance.now() - start
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
