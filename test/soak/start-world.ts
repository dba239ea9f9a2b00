import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Facts, News, Order } from './facts.js'

/** The process with everything that is not measured. */
export interface World {
  /** As they are now. */
  readonly facts: Facts
  /** How often each fault has happened until the last order. */
  readonly faults: Readonly<Record<string, number>>
  /** Returns when it is done. */
  order(order: Order): Promise<void>
}

/** Starts it, with the services. It ends by itself when this process does. */
export async function startWorld(seed: number, proxyLife: number): Promise<World> {
  const env = { ...process.env, SOAK_SEED: String(seed), SOAK_PROXY_LIFE: String(proxyLife) }
  const child = fork(join(import.meta.dirname, 'world.ts'), { env })
  const started = Promise.withResolvers<Facts>()
  let facts: Facts | undefined
  let faults: World['faults'] = {}
  let done = Promise.withResolvers<undefined>()
  const ended = (): void => {
    const error = new Error('the process with the services has ended')
    started.reject(error)
    done.reject(error)
  }
  child.on('exit', ended)
  child.on('message', (news: News) => {
    if (news.kind === 'ready') started.resolve((facts = news.facts))
    if (news.kind === 'proxies' && facts) facts = { ...facts, proxies: news.proxies }
    if (news.kind === 'done') {
      faults = news.faults
      done.resolve(undefined)
    }
  })
  await started.promise
  return {
    get facts() {
      return facts!
    },
    get faults() {
      return faults
    },
    order: async (order) => {
      const exited = once(child, 'exit')
      done = Promise.withResolvers<undefined>()
      child.send(order)
      await done.promise
      if (order === 'stop') await exited
    },
  }
}
