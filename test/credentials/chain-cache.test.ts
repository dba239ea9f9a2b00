import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { AnswerCache } from '../../src/credentials/cache.js'
import { cachedProvider } from '../../src/credentials/cached-provider.js'
import { credentialChain, type ProvidedCredentials } from '../../src/credentials/chain.js'

const image = { registry: 'registry.example.com', repository: 'team/app' }

/** A source that counts how often it is asked, and answers when it is told to. */
function countingSource(answer: () => ProvidedCredentials | undefined | Promise<ProvidedCredentials | undefined>) {
  const asked: string[] = []
  const signals: (AbortSignal | undefined)[] = []
  return {
    asked,
    signals,
    name: 'vault',
    provide: async (
      { repository }: { readonly repository: string },
      lookUp: {
        readonly signal?: AbortSignal
        readonly note: (text: string) => void
        readonly ask: (what: string) => void
      },
    ) => {
      asked.push(repository)
      signals.push(lookUp.signal)
      lookUp.ask(`secret/${repository}`)
      lookUp.note(`look-up ${asked.length}`)
      return answer()
    },
  }
}

const user = { username: 'u', password: 'p' }

describe('cachedProvider', () => {
  it('asks once for all who ask at the same time, and keeps the answer with what was said of it', async () => {
    const vault = countingSource(() => sleep(10).then(() => user))
    const chain = credentialChain(cachedProvider(vault))
    const all = await Promise.all(Array.from({ length: 100 }, () => chain.resolve(image)))
    all.push(await chain.resolve({ ...image, tag: '2' }))
    expect(vault.asked).toHaveLength(1)
    for (const { credentials, source, trace } of all) {
      expect({ credentials, source }).toEqual({ credentials: user, source: 'vault' })
      expect(trace).toMatchObject([{ asked: 'secret/team/app', found: "user 'u'", detail: 'look-up 1' }])
    }
  })

  it('asks for each repository, since a source may have credentials for some', async () => {
    const vault = countingSource(() => user)
    const chain = credentialChain(cachedProvider(vault))
    await chain.resolve(image)
    await chain.resolve({ ...image, repository: 'team/other' })
    expect(vault.asked).toEqual(['team/app', 'team/other'])
  })

  it('keeps that there is nothing, and no failure', async () => {
    const nothing = countingSource(() => undefined)
    const nothingKept = credentialChain(cachedProvider(nothing))
    expect((await nothingKept.resolve(image)).source).toBe('anonymous')
    expect((await nothingKept.resolve(image)).source).toBe('anonymous')
    expect(nothing.asked).toHaveLength(1)
    const broken = countingSource(() => Promise.reject(new Error('sealed')))
    const failing = credentialChain(cachedProvider(broken))
    await expect(failing.resolve(image)).rejects.toThrow('sealed')
    await expect(failing.resolve(image)).rejects.toThrow('sealed')
    expect(broken.asked).toHaveLength(2)
  })

  it('asks again after refresh, of the chain or of one around it', async () => {
    const vault = countingSource(() => user)
    const inner = credentialChain(cachedProvider(vault))
    const outer = credentialChain(inner)
    await outer.resolve(image)
    outer.refresh()
    await outer.resolve(image)
    inner.refresh()
    await outer.resolve(image)
    expect(vault.asked).toHaveLength(3)
  })

  it('keeps nothing with cacheTtl 0, or beyond expiresAt', async () => {
    const vault = countingSource(() => user)
    const uncached = credentialChain(cachedProvider(vault, { cacheTtl: 0 }))
    await uncached.resolve(image)
    await uncached.resolve(image)
    expect(vault.asked).toHaveLength(2)
    let expiresAt = new Date(Date.now() - 1)
    const cloud = countingSource(() => ({ ...user, expiresAt }))
    const chain = credentialChain(cachedProvider(cloud))
    await chain.resolve(image)
    expiresAt = new Date(Date.now() + 3_600_000)
    await chain.resolve(image)
    await chain.resolve(image)
    expect(cloud.asked).toHaveLength(2)
  })

  it('says nothing that its source did not say', async () => {
    const { trace } = await credentialChain(cachedProvider({ name: 'quiet', provide: () => undefined })).resolve(image)
    expect(trace).toEqual([{ source: 'quiet', outcome: 'nothing', asked: 'registry.example.com', detail: '' }])
    expect(
      cachedProvider(
        (
          () => () =>
            undefined
        )(),
      ).name,
    ).toBe('provider')
  })

  it('passes a function on under its name, and needs a time', async () => {
    const vault = (): typeof user => user
    expect((await credentialChain(cachedProvider(vault)).resolve(image)).source).toBe('vault')
    expect(() => cachedProvider(vault, { cacheTtl: -1 })).toThrow(TypeError)
    expect(() => cachedProvider(vault, { cacheTtl: NaN })).toThrow('cacheTtl must be a number of seconds, not NaN')
  })

  it('stops a look-up when nobody waits for it any more, and not before', async () => {
    const vault = countingSource(() => new Promise<undefined>(() => undefined))
    const chain = credentialChain(cachedProvider(vault))
    const [first, second] = [new AbortController(), new AbortController()]
    const waiting = [first, second].map(({ signal }) =>
      chain.resolve(image, { signal }).catch((error: unknown) => error),
    )
    first.abort(new Error('first'))
    expect(await waiting[0]).toEqual(new Error('first'))
    expect(vault.signals[0]?.aborted).toBe(false)
    second.abort(new Error('second'))
    expect(await waiting[1]).toEqual(new Error('second'))
    expect(vault.signals[0]?.aborted).toBe(true)
    // Who comes then starts anew.
    const third = new AbortController()
    const again = chain.resolve(image, { signal: third.signal }).catch((error: unknown) => error)
    expect(vault.asked).toHaveLength(2)
    third.abort(new Error('third'))
    expect(await again).toEqual(new Error('third'))
  })
})

describe('AnswerCache', () => {
  it('keeps an answer for its time, or until it expires where that is sooner', async () => {
    let now = 0
    const cache = new AnswerCache<number>(60, { ...systemClock, now: () => now })
    let asked = 0
    const get = (key: string, expiresAt?: Date): Promise<number> =>
      cache.get(key, () => Promise.resolve({ value: ++asked, expiresAt }), undefined)
    expect([await get('a'), await get('b', new Date(1000))]).toEqual([1, 2])
    now = 999
    expect([await get('a'), await get('b')]).toEqual([1, 2])
    now = 1000
    expect([await get('a'), await get('b')]).toEqual([1, 3])
    now = 59_999
    expect(await get('a')).toBe(1)
    now = 60_000
    expect(await get('a')).toBe(4)
  })

  it('forgets the oldest of more than 1,000 answers', async () => {
    const cache = new AnswerCache<number>(60, systemClock)
    const asked: number[] = []
    const get = (key: number): Promise<number> =>
      cache.get(
        String(key),
        () => {
          asked.push(key)
          return Promise.resolve({ value: key })
        },
        undefined,
      )
    for (let key = 0; key <= 1000; key++) expect(await get(key)).toBe(key)
    asked.length = 0
    await get(1)
    await get(1000)
    expect(asked).toEqual([])
    await get(0)
    expect(asked).toEqual([0])
  })

  it('does not keep what was under way when it was told to forget', async () => {
    const cache = new AnswerCache<string>(60, systemClock)
    const { promise, resolve } = Promise.withResolvers<{ value: string }>()
    const before = cache.get('key', () => promise, undefined)
    cache.clear()
    const after = cache.get('key', () => Promise.resolve({ value: 'new' }), undefined)
    resolve({ value: 'old' })
    expect([await before, await after]).toEqual(['old', 'new'])
    expect(await cache.get('key', () => Promise.resolve({ value: 'newer' }), undefined)).toBe('new')
  })
})
