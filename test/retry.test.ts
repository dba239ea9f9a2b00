import { describe, expect, it } from 'vitest'
import { clockOf, systemClock } from '../src/clock.js'
import { retry, type RetryOptions, secondsOfRetryAfter } from '../src/retry.js'
import { makeTestClock } from '../src/testing/index.js'

const settings = { attempts: 3, delay: 5 }

function failing(times: number): { attempt: () => Promise<string>; calls: () => number } {
  let calls = 0
  const attempt = (): Promise<string> =>
    ++calls > times ? Promise.resolve('done') : Promise.reject(new Error(`attempt ${calls}`))
  return { attempt, calls: () => calls }
}

/** The waits of an attempt that never succeeds. */
async function waitsOf(options: Partial<RetryOptions>, random = 0.5): Promise<readonly number[]> {
  const clock = makeTestClock()
  clock.random = () => random
  await expect(retry(failing(Infinity).attempt, { settings, mayPass: () => true, clock, ...options })).rejects.toThrow(
    'attempt',
  )
  return clock.waits
}

describe('retry', () => {
  const all = { settings, mayPass: () => true, clock: makeTestClock() }

  it('tries again as often as it is told to', async () => {
    const twice = failing(2)
    expect(await retry(twice.attempt, all)).toBe('done')
    expect(twice.calls()).toBe(3)
    await expect(retry(failing(9).attempt, all)).rejects.toThrow('attempt 4')
  })

  it('does not without settings, nor what will not pass', async () => {
    await expect(retry(failing(1).attempt, { ...all, settings: { attempts: 0, delay: 0 } })).rejects.toThrow(
      'attempt 1',
    )
    await expect(retry(failing(1).attempt, { ...all, mayPass: () => false })).rejects.toThrow('attempt 1')
  })

  it.each([{ attempts: 3 }, { delay: 3 }, { attempts: -1, delay: 0 }])('refuses %o', async (wrong) => {
    const given = { ...all, settings: wrong as typeof settings }
    await expect(retry(failing(0).attempt, given)).rejects.toThrow(TypeError)
  })

  it('waits longer each time, give or take a fifth', async () => {
    expect(await waitsOf({})).toEqual([5, 10, 20])
    expect(await waitsOf({}, 0)).toEqual([4, 8, 16])
    expect((await waitsOf({}, 1)).map(Math.round)).toEqual([6, 12, 24])
  })

  it('waits a minute at most, or what is said', async () => {
    expect(await waitsOf({ settings: { attempts: 5, delay: 20 } })).toEqual([20, 40, 60, 60, 60])
    expect(await waitsOf({ longestWait: 7 })).toEqual([5, 7, 7])
  })

  it('waits as long as it is asked to and a little more, but not more than a minute', async () => {
    expect(await waitsOf({ asks: () => 7 })).toEqual([7, 7, 7])
    expect((await waitsOf({ asks: () => 10 }, 0))[0]).toBeCloseTo(11)
    expect((await waitsOf({ asks: () => 10 }, 1))[0]).toBeCloseTo(11)
    expect(await waitsOf({ asks: () => 60 }, 1)).toEqual([60, 60, 60])
    expect(await waitsOf({ asks: () => 61 })).toEqual([])
  })

  it('does not begin a wait that would end too late', async () => {
    const start = new Date('2030-01-01T00:00:00Z')
    const clock = makeTestClock({ start })
    await waitsOf({ clock, endsAt: start.getTime() + 15_000 })
    expect(clock.waits).toEqual([5])
  })

  it('goes on without end where it is told to', async () => {
    const clock = makeTestClock()
    const endless = { ...all, clock, settings: { attempts: Infinity, delay: 0 } }
    expect(await retry(failing(2000).attempt, endless)).toBe('done')
    expect(new Set(clock.waits)).toEqual(new Set([0]))
  })

  it('tells of each wait', async () => {
    const told: unknown[] = []
    await waitsOf({ onWait: (error, seconds) => told.push([(error as Error).message, seconds]) })
    expect(told).toEqual([
      ['attempt 1', 5],
      ['attempt 2', 10],
      ['attempt 3', 20],
    ])
  })

  it('stops while it waits', async () => {
    const controller = new AbortController()
    const onWait = (): void => controller.abort(new Error('enough'))
    const options = { ...all, clock: systemClock, signal: controller.signal, onWait }
    await expect(retry(failing(9).attempt, options)).rejects.toThrow('enough')
  })
})

describe('the clock of this machine', () => {
  it('waits, and stops at once', async () => {
    const before = systemClock.now()
    await systemClock.wait(0.02)
    expect(systemClock.now()).toBeGreaterThan(before)
    await expect(systemClock.wait(50, AbortSignal.abort(new Error('before')))).rejects.toThrow('before')
    const controller = new AbortController()
    const waiting = systemClock.wait(50, controller.signal)
    controller.abort(new Error('meanwhile'))
    await expect(waiting).rejects.toThrow('meanwhile')
  })

  it('has a chance between 0 and 1', () => {
    const chance = systemClock.random()
    expect(chance >= 0 && chance < 1).toBe(true)
  })
})

describe('the option clock', () => {
  it('is the clock of this machine unless it is given', () => {
    const clock = makeTestClock()
    expect(clockOf(undefined)).toBe(systemClock)
    expect(clockOf(clock)).toBe(clock)
  })

  it.each<[unknown, string]>([
    [null, 'clock must be an object, not null'],
    [Date, 'clock must be an object, not a function'],
    [{ now: () => 0, random: () => 0 }, 'clock must have the method wait'],
  ])('is a clock: %s', (clock, message) => {
    expect(() => clockOf(clock as never)).toThrow(new TypeError(message))
  })
})

describe('secondsOfRetryAfter', () => {
  const now = Date.UTC(2030, 0, 1)

  it.each([
    ['7', 7],
    [' 7 ', 7],
    ['1.5', 1.5],
    ['0', 0],
    ['Tue, 01 Jan 2030 00:00:30 GMT', 30],
    ['Mon, 31 Dec 2029 23:59:30 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j: %j', (value, seconds) => {
    expect(secondsOfRetryAfter(value, now)).toBe(seconds)
  })
})
