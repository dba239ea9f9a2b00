import { type Measure, tally } from './measure.js'

const MB = 1024 * 1024

/** One thing that has to be as it was. */
export interface Verdict {
  readonly what: string
  readonly isFlat: boolean
  readonly told: string
}

/**
 * Whether nothing grows.
 *
 * @param before At rest, after the warm-up: everything that is loaded or made once is there.
 * @param samples During the second half of the run.
 * @param after At rest, in the end.
 */
export function judge(before: Measure, samples: readonly Measure[], after: Measure): Verdict[] {
  return [
    // At rest everything is closed: what is open then is what was open before, with no allowance.
    sameCount('descriptors', before.descriptors, after.descriptors),
    sameCount('child processes', before.children, after.children),
    sameCount('active resources', before.resources, after.resources),
    // A leak of 100 bytes an operation would be some 3 MB in ten minutes, within what the compiler's own data move by;
    // one of a response or of a client, a kilobyte and more, is not.
    within('heap at rest', before.heap, after.heap - before.heap, 0.1, 5),
    within('heap, trend over the second half', meanOf(samples, 'heap'), growth(samples, 'heap'), 0.1, 5),
    // A leak outside of the heap, of TLS contexts for one (a MB each with all roots). The allocator never gives back all.
    within('RSS, trend over the second half', meanOf(samples, 'rss'), growth(samples, 'rss'), 0.15, 40),
  ]
}

function sameCount(what: string, before: readonly string[], after: readonly string[]): Verdict {
  const told = `${before.length} -> ${after.length} (${tally(after)})`
  return { what, isFlat: after.length <= before.length, told }
}

function within(what: string, base: number, grown: number, share: number, megabytes: number): Verdict {
  const limit = base * share + megabytes * MB
  const told = `${inMb(base)} MB, ${grown < 0 ? '' : '+'}${inMb(grown)} MB, at most +${inMb(limit)} MB`
  return { what, isFlat: grown <= limit, told }
}

function meanOf(samples: readonly Measure[], field: 'heap' | 'rss'): number {
  return samples.reduce((sum, sample) => sum + sample[field], 0) / samples.length
}

/** By how much the line that fits the samples best rises from the first to the last (least squares). */
function growth(samples: readonly Measure[], field: 'heap' | 'rss'): number {
  const times = samples.map(({ at }) => at)
  const middle = times.reduce((sum, time) => sum + time, 0) / times.length
  const mean = meanOf(samples, field)
  const rise = samples.reduce((sum, sample) => sum + (sample.at - middle) * (sample[field] - mean), 0)
  const run = times.reduce((sum, time) => sum + (time - middle) ** 2, 0)
  return run === 0 ? 0 : (rise / run) * (times.at(-1)! - times[0]!)
}

export function inMb(bytes: number): string {
  return (bytes / MB).toFixed(1)
}
