import { describe, expect, it } from 'vitest'
import { checkRealm, guardedLookup, type RealmContext } from '../../src/registry/realm.js'
import { failureOf } from './support.js'

const hosts: Record<string, string[]> = {
  'registry.example.com': ['93.184.216.34'],
  'registry.corp.example': ['10.0.0.5'],
  'same.corp.example': ['10.0.0.5'],
  'auth.corp.example': ['10.0.0.6'],
  'auth.example.com': ['93.184.216.35', '2606:4700::1111'],
  'sometimes.example.com': ['93.184.216.35', 'fe80::1'],
}

function contextOf(origin: string, options: Partial<RealmContext> = {}): RealmContext {
  return {
    registry: new URL(origin).host,
    origin: new URL(origin),
    insecure: false,
    tokenServers: [],
    resolve: (host) => {
      const addresses = hosts[host]
      if (!addresses) return Promise.reject(Object.assign(new Error(`no ${host}`), { code: 'ENOTFOUND' }))
      return Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })))
    },
    ...options,
  }
}

function look(hostname: string, context: RealmContext, all = true): Promise<unknown> {
  return new Promise((resolve, reject) => {
    guardedLookup(context)(hostname, { all }, (error, address, family) => {
      if (error) reject(error)
      else resolve(all ? address : [address, family])
    })
  })
}

describe('checkRealm', () => {
  it.each([
    ['https://auth.example.com/token', 'https://registry.example.com'],
    ['https://registry.example.com/token', 'https://registry.example.com'],
    ['https://registry.example.com:8443/token', 'https://registry.example.com'],
    ['https://8.8.8.8/token', 'https://registry.example.com'],
    ['http://auth.example.com/token', 'http://localhost:5000'],
    ['https://10.0.0.5/token', 'https://10.0.0.5:5000'],
    ['https://10.0.0.5/token', 'https://registry.corp.example'],
    ['http://127.0.0.1:5001/token', 'http://localhost:5000'],
    ['http://[::1]:5001/token', 'http://127.0.0.1:5000'],
  ])('lets %s be, for %s', async (realm, origin) => {
    await expect(checkRealm(new URL(realm), contextOf(origin))).resolves.toBeUndefined()
  })

  it.each([
    ['http://auth.example.com/token', 'https://registry.example.com'],
    ['http://registry.example.com/token', 'https://registry.example.com'],
    ['https://10.0.0.5/token', 'https://registry.example.com'],
    ['https://10.0.0.6/token', 'https://10.0.0.5:5000'],
    ['https://10.0.0.6/token', 'https://registry.corp.example'],
    ['https://10.0.0.6/token', 'https://unknown.example.com'],
    ['https://localhost/token', 'https://registry.example.com'],
    ['https://sub.localhost/token', 'https://registry.example.com'],
    ['https://[::1]/token', 'https://registry.corp.example'],
    ['http://10.0.0.6/token', 'http://localhost:5000'],
  ])('refuses %s, for %s', async (realm, origin) => {
    const failure = await failureOf(checkRealm(new URL(realm), contextOf(origin)))
    expect(failure).toMatchObject({
      code: 'ERR_REGISTRY_FAULT',
      message: expect.stringContaining('Nothing was sent') as string,
    })
  })

  it('lets an insecure registry name its own host without encryption, and no other', async () => {
    const context = contextOf('https://registry.example.com', { insecure: true })
    await expect(checkRealm(new URL('http://registry.example.com/token'), context)).resolves.toBeUndefined()
    await expect(checkRealm(new URL('http://auth.example.com/token'), context)).rejects.toThrow('not encrypted')
  })

  it('lets a host be that the operator vouches for, but not without encryption', async () => {
    const context = contextOf('https://registry.example.com', { tokenServers: ['10.0.0.6'] })
    await expect(checkRealm(new URL('https://10.0.0.6/token'), context)).resolves.toBeUndefined()
    await expect(checkRealm(new URL('http://10.0.0.6/token'), context)).rejects.toThrow('not encrypted')
  })
})

describe('guardedLookup', () => {
  it('passes on what is public', async () => {
    const context = contextOf('https://registry.example.com')
    expect(await look('auth.example.com', context)).toEqual([
      { address: '93.184.216.35', family: 4 },
      { address: '2606:4700::1111', family: 6 },
    ])
    expect(await look('auth.example.com', context, false)).toEqual(['93.184.216.35', 4])
  })

  it.each([
    ['a private address', 'auth.corp.example'],
    ['one bad address among good ones', 'sometimes.example.com'],
  ])('refuses %s', async (_, host) => {
    for (const origin of ['https://registry.example.com', 'https://registry.corp.example', 'http://localhost:5000']) {
      const failure = await failureOf(look(host, contextOf(origin)))
      expect(failure).toMatchObject({ code: 'ERR_REGISTRY_FAULT', message: expect.stringContaining(host) as string })
    }
  })

  it("passes on the registry's own addresses, by whatever name, and hosts that the operator vouches for", async () => {
    const own = [{ address: '10.0.0.5', family: 4 }]
    expect(await look('registry.corp.example', contextOf('https://registry.corp.example'))).toEqual(own)
    expect(await look('same.corp.example', contextOf('https://registry.corp.example'))).toEqual(own)
    expect(await look('same.corp.example', contextOf('https://10.0.0.5'))).toEqual(own)
    const vouched = contextOf('https://registry.example.com', { tokenServers: ['auth.corp.example'] })
    expect(await look('auth.corp.example', vouched)).toEqual([{ address: '10.0.0.6', family: 4 }])
  })

  it('passes on what the name service says of an unknown host', async () => {
    const failure = await failureOf(look('nowhere.example.com', contextOf('https://registry.example.com')))
    expect(failure).toMatchObject({ code: 'ENOTFOUND' })
  })
})
