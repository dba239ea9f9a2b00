import { describe, expect, it } from 'vitest'
import { cachedProvider, credentialChain } from '../../src/credentials/index.js'
import { parseImageReference } from '../../src/reference/index.js'
import { makeTestClock } from '../../src/testing/index.js'

const start = new Date('2030-01-01T00:00:00Z')

describe('makeTestClock', () => {
  it('moves when it is told to', () => {
    const clock = makeTestClock({ start })
    expect(clock.now()).toBe(start.getTime())
    clock.advance(1.5)
    expect(clock.now()).toBe(start.getTime() + 1500)
  })

  it('starts now, and keeps no other time than its own', async () => {
    const before = Date.now()
    const clock = makeTestClock()
    const now = clock.now()
    expect(now).toBeGreaterThanOrEqual(before)
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(clock.now()).toBe(now)
  })

  it('passes every wait at once, and remembers it', async () => {
    const clock = makeTestClock({ start })
    await clock.wait(3600)
    await clock.wait(5)
    expect(clock.waits).toEqual([3600, 5])
    expect(clock.now()).toBe(start.getTime() + 3_605_000)
  })

  it('holds waits where it is told to, and ends them in order', async () => {
    const clock = makeTestClock({ start, hold: true })
    const ended: string[] = []
    const waiting = [
      clock.wait(10).then(() => ended.push('10 s')),
      clock.wait(30).then(() => ended.push('30 s')),
      clock.wait(5).then(() => ended.push('5 s')),
      clock.wait(0).then(() => ended.push('0 s')),
    ]
    await waiting[3]
    clock.advance(4)
    expect(ended).toEqual(['0 s'])
    clock.advance(6)
    await Promise.all([waiting[0], waiting[2]])
    expect(ended).toEqual(['0 s', '5 s', '10 s'])
    clock.advance(20)
    await waiting[1]
    expect(clock.waits).toEqual([10, 30, 5, 0])
  })

  it('says when the next wait begins, whether that is later or was before', async () => {
    const clock = makeTestClock({ hold: true })
    const [first, second] = [clock.nextWait(), clock.nextWait()]
    void clock.wait(1)
    expect(await first).toBe(1)
    void clock.wait(2)
    void clock.wait(3)
    expect([await second, await clock.nextWait()]).toEqual([2, 3])
    clock.advance(3)
  })

  it.each([true, false])('ends a wait with its signal, hold: %s', async (hold) => {
    const clock = makeTestClock({ hold })
    await expect(clock.wait(5, AbortSignal.abort(new Error('before')))).rejects.toThrow('before')
    expect(clock.waits).toEqual([])
  })

  it('ends a wait that is held with its signal, and forgets it', async () => {
    const clock = makeTestClock({ hold: true })
    const controller = new AbortController()
    const waiting = clock.wait(5, controller.signal)
    controller.abort(new Error('meanwhile'))
    await expect(waiting).rejects.toThrow('meanwhile')
    clock.advance(5)
  })

  it('refuses what is no time', () => {
    expect(() => makeTestClock({ start: new Date('never') })).toThrow('start must be a valid Date')
    expect(() => makeTestClock({ hold: 1 as unknown as boolean })).toThrow('hold must be true or false, not a number')
    expect(() => makeTestClock().advance(-1)).toThrow('advance: seconds must be a number, 0 or more, not -1')
  })
})

describe('a cache on the clock of a test', () => {
  it('forgets an answer when its time is over', async () => {
    const clock = makeTestClock()
    let asked = 0
    const provide = () => ({ username: `user-${++asked}`, password: 'x' })
    const chain = credentialChain(cachedProvider({ name: 'vault', provide }, { cacheTtl: 60, clock }))
    const user = async (): Promise<unknown> =>
      (await chain.resolve(parseImageReference('acme.example/app'))).credentials
    expect(await user()).toMatchObject({ username: 'user-1' })
    clock.advance(59)
    expect(await user()).toMatchObject({ username: 'user-1' })
    clock.advance(1)
    expect(await user()).toMatchObject({ username: 'user-2' })
  })

  it('keeps an answer until it expires, where that is sooner', async () => {
    const clock = makeTestClock({ start })
    let asked = 0
    const provide = () => ({ username: `user-${++asked}`, password: 'x', expiresAt: new Date(clock.now() + 10_000) })
    const chain = credentialChain(cachedProvider({ name: 'vault', provide }, { clock }))
    const user = async (): Promise<unknown> =>
      (await chain.resolve(parseImageReference('acme.example/app'))).credentials
    await user()
    clock.advance(9)
    expect(await user()).toMatchObject({ username: 'user-1' })
    clock.advance(1)
    expect(await user()).toMatchObject({ username: 'user-2' })
  })
})
