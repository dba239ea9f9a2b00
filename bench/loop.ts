import type { Contender } from './measure.ts'

/**
 * A contender that parses one of `inputs` after the other. Import this module anew for each parser (`loop.ts?name`):
 * in a loop that several share, the engine treats each call as one of many and slows down the fastest most.
 */
export function loop(inputs: readonly string[], parse: (input: string) => unknown): Contender {
  let next = 0
  return (runs) => {
    let parsed = 0
    for (let run = 0; run < runs; run++) {
      try {
        if (parse(inputs[next]!)) parsed++
      } catch {
        // Refused: an answer as well.
      }
      next = next + 1 === inputs.length ? 0 : next + 1
    }
    return parsed
  }
}
