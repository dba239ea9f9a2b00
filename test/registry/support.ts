import { Agent } from 'undici'
import { onTestFinished } from 'vitest'
import type { PullpassError } from '../../src/errors.js'
import { type World, createClient } from '../../src/registry/client.js'
import { resolveBySystem } from '../../src/registry/realm.js'
import type { RegistryClient, RegistryClientOptions } from '../../src/registry/index.js'

/** A clock that moves when it is told to, or waited for. */
export interface TestClock {
  now: () => number
  random: () => number
  wait: (seconds: number, signal: AbortSignal) => Promise<void>
  /** Seconds of every wait so far. */
  readonly waits: number[]
  advance(seconds: number): void
}

export function testClock(): TestClock {
  let now = Date.now()
  const waits: number[] = []
  return {
    waits,
    now: () => now,
    random: () => 0.5,
    advance: (seconds) => void (now += seconds * 1000),
    wait: (seconds, signal) => {
      signal.throwIfAborted()
      waits.push(seconds)
      now += seconds * 1000
      return Promise.resolve()
    },
  }
}

/** A client on a clock of the test's. */
export function clientWith(options: RegistryClientOptions, world: Partial<World> = {}): RegistryClient {
  return createClient(options, { clock: testClock(), resolve: resolveBySystem, ...world })
}

/** A dispatcher to which every host is 127.0.0.1, until the end of the test. */
export function everywhereIsHere(connect: object = {}): Agent {
  const agent = new Agent({
    connect: {
      ...connect,
      lookup: (_host, options, callback) => {
        if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }])
        else callback(null, '127.0.0.1', 4)
      },
    },
  })
  onTestFinished(() => agent.destroy())
  return agent
}

/** What a promise is rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<PullpassError> {
  try {
    await promise
  } catch (error) {
    return error as PullpassError
  }
  throw new Error('it did not fail')
}
