import { Agent } from 'undici'
import { describe, expect, it } from 'vitest'
import { Connections } from '../../src/registry/connections.js'
import type { RealmContext } from '../../src/registry/realm.js'

function contextOf(origin: string): RealmContext {
  const resolve = (): Promise<never[]> => Promise.resolve([])
  return { registry: 'r', origin: new URL(origin), insecure: false, tokenServers: [], resolve }
}

const realm = new URL('https://auth.example.com/token')

describe('Connections', () => {
  it('share a pool where they are made alike', async () => {
    const connections = new Connections({})
    const [one, two] = [contextOf('https://one.example.com'), contextOf('https://two.example.com')]
    expect(connections.to(false)).toBe(connections.to(false))
    expect(connections.to(false)).not.toBe(connections.to(true))
    expect(connections.toTokenServer(realm, one)).toBe(connections.toTokenServer(realm, one))
    expect(connections.toTokenServer(realm, one)).not.toBe(connections.toTokenServer(realm, two))
    expect(connections.toTokenServer(new URL('https://one.example.com/token'), one)).toBe(connections.to(false))
    await connections.close()
  })

  it('are not kept for more registries than there can be', async () => {
    const connections = new Connections({})
    const pools = Array.from({ length: 101 }, (_, index) =>
      connections.toTokenServer(realm, contextOf(`https://r${index}.example.com`)),
    ) as Agent[]
    expect(pools.filter(({ closed }) => closed)).toEqual([pools[0]])
    await connections.close()
    expect(pools.every(({ destroyed, closed }) => destroyed || closed)).toBe(true)
  })

  it('are those of a given dispatcher, which stays open', async () => {
    const dispatcher = new Agent()
    const connections = new Connections({ dispatcher })
    expect(connections.to(true)).toBe(dispatcher)
    expect(connections.toTokenServer(realm, contextOf('https://one.example.com'))).toBe(dispatcher)
    await connections.close()
    expect(dispatcher.closed || dispatcher.destroyed).toBe(false)
    await dispatcher.close()
  })
})
