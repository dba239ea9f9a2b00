import { parseImageReference } from '../../dist/reference/index.js'
import { median, time } from '../measure.ts'

export const title = 'parseImageReference on hostile names: milliseconds to refuse (or accept) one, by length'

const LENGTHS = [1_000, 10_000, 100_000, 1_000_000]
const ROUNDS = 15

/** Each is wrong only at its end, where a scanner that goes back has the most to go back over. */
const shapes: Record<string, (length: number) => string> = {
  'letters, then !': (length) => `${'a'.repeat(length - 1)}!`,
  'a, dashes, then !': (length) => `a${'-'.repeat(length - 2)}!`,
  'a__a__a… with a separator last': (length) => 'a__'.repeat(length / 3),
  'a.a.a… as a host, then :/x': (length) => `${'a.'.repeat(length / 2 - 2)}a:/x`,
  'a:@@@… as user info': (length) => `a:${'@'.repeat(length - 2)}`,
  'digits of a digest that goes on': (length) => `a@sha256:${'0'.repeat(length - 9)}`,
  'A//A//… for the suggestion': (length) => 'A//'.repeat(length / 3),
  'a host without end, valid': (length) => `${'a-'.repeat(length / 2 - 4)}a.com/x`,
}

export function run(): Promise<Record<string, string | number>[]> {
  const rows = Object.entries(shapes).map(([shape, make]) => {
    const times = LENGTHS.map((length) => median(Array.from({ length: ROUNDS }, () => once(make(length)))))
    return {
      shape,
      ...Object.fromEntries(LENGTHS.map((length, index) => [length.toLocaleString('en'), round(times[index]!)])),
      'ns/character at 1,000,000': round((times.at(-1)! * 1e6) / LENGTHS.at(-1)!),
    }
  })
  return Promise.resolve(rows)
}

/** The first read of a string that was put together from parts copies it: that is not the parser's time. */
function once(input: string): number {
  input.charCodeAt(input.length - 1)
  return time(() => {
    try {
      return parseImageReference(input)
    } catch {
      return undefined
    }
  }, 1)
}

function round(value: number): number {
  return Number(value.toPrecision(2))
}
