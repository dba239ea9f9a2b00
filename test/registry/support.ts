import { Agent } from 'undici'
import { onTestFinished } from 'vitest'
import type { PullpassError } from '../../src/errors.js'
import { type World, createClient } from '../../src/registry/client.js'
import { resolveBySystem } from '../../src/registry/realm.js'
import type { RegistryClient, RegistryClientOptions } from '../../src/registry/index.js'
import { makeTestClock } from '../../src/testing/index.js'

/** A client on a clock of the test's. */
export function clientWith(options: RegistryClientOptions, world: Partial<World> = {}): RegistryClient {
  return createClient({ clock: makeTestClock(), ...options }, { resolve: resolveBySystem, ...world })
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
