import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { HELPER_CHILD } from './helpers.js'

/** What this process holds at one moment. */
export interface Measure {
  /** Seconds since the start of the process. */
  readonly at: number
  /** What each open descriptor is: `socket`, `pipe`, the path of a file. */
  readonly descriptors: readonly string[]
  /** The programs that run as children of this process, and those that any helper has left behind. */
  readonly children: readonly string[]
  /** What keeps the event loop alive, by Node's own names: `TCPSocketWrap`, `Timeout`. */
  readonly resources: readonly string[]
  /** Bytes, after garbage collection. */
  readonly heap: number
  readonly rss: number
}

/** Idle connections are kept for 4 s by undici and for 5 s by Node, and a second more on the other side. */
const REST = 7_000

/** Measures what is left when nothing is under way any more and what was kept for later has been given up. */
export async function measureAtRest(): Promise<Measure> {
  await sleep(REST)
  // What finalizers and weak references let go of is gone in the second round.
  for (let round = 0; round < 3; round++) {
    collect()
    await sleep(50)
  }
  return measure()
}

/** Measures at once, whatever is under way. */
export function measure(): Measure {
  collect()
  const { heapUsed: heap, rss } = process.memoryUsage()
  return {
    at: process.uptime(),
    descriptors: descriptors(),
    children: children(),
    resources: process.getActiveResourcesInfo(),
    heap,
    rss,
  }
}

function collect(): void {
  if (!globalThis.gc) throw new Error('Run this with --expose-gc')
  globalThis.gc()
}

function descriptors(): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      return [readlinkSync(`/proc/self/fd/${descriptor}`).replace(/:\[\d+\]$/, '')]
    } catch {
      // The folder's own, which is closed by now.
      return []
    }
  })
}

function children(): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return []
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()
      // Behind the name, in parentheses: the state and the parent.
      const [, , parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(')').at(-1)!.split(' ')
      return Number(parent) === process.pid || command.includes(HELPER_CHILD) ? [command] : []
    } catch {
      // It has ended in the meantime.
      return []
    }
  })
}

/** How often each occurs, the most frequent first: `socket 12, pipe 3`. */
export function tally(names: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  const sorted = [...counts].sort(([, one], [, other]) => other - one)
  return sorted.map(([name, count]) => `${name} ${count}`).join(', ') || 'none'
}
