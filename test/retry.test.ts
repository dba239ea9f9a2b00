import { describe, expect, it } from 'vitest'
import { retry, wait } from '../src/retry.js'

const settings = { attempts: 3, delay: 0 }

function failing(times: number): { attempt: () => Promise<string>; calls: () => number } {
  let calls = 0
  const attempt = (): Promise<string> =>
    ++calls > times ? Promise.resolve('done') : Promise.reject(new Error(`attempt ${calls}`))
  return { attempt, calls: () => calls }
}

describe('retry', () => {
  it('tries again as often as it is told to', async () => {
    const twice = failing(2)
    expect(await retry(twice.attempt, { settings, mayPass: () => true })).toBe('done')
    expect(twice.calls()).toBe(3)
    await expect(retry(failing(9).attempt, { settings, mayPass: () => true })).rejects.toThrow('attempt 4')
  })

  it('does not without settings, nor what will not pass', async () => {
    await expect(retry(failing(1).attempt, { settings: undefined, mayPass: () => true })).rejects.toThrow('attempt 1')
    await expect(retry(failing(1).attempt, { settings, mayPass: () => false })).rejects.toThrow('attempt 1')
  })

  it('waits longer each time, give or take a fifth', async () => {
    const waits: number[] = []
    const onWait = (_: unknown, seconds: number): void => void waits.push(seconds)
    await retry(failing(3).attempt, { settings: { attempts: 3, delay: 0.001 }, mayPass: () => true, onWait })
    expect(waits).toHaveLength(3)
    waits.forEach((seconds, index) => {
      expect(seconds).toBeGreaterThanOrEqual(0.0008 * 2 ** index)
      expect(seconds).toBeLessThanOrEqual(0.0012 * 2 ** index)
    })
  })

  it('stops while it waits', async () => {
    const controller = new AbortController()
    const stop = (): void => controller.abort(new Error('enough'))
    const options = {
      settings: { attempts: 3, delay: 50 },
      mayPass: () => true,
      signal: controller.signal,
      onWait: stop,
    }
    await expect(retry(failing(9).attempt, options)).rejects.toThrow('enough')
    const waiting = wait(50, AbortSignal.abort(new Error('before')))
    await expect(waiting).rejects.toThrow('before')
  })
})
