import type Docker from 'dockerode'
import { describe, expect, it } from 'vitest'
import { inTurn } from '../../../src/adapters/docker/in-turn.js'

const docker = {} as Docker

/** A task that says when it begins, and ends when it is told to. */
function task(log: string[], name: string): { run: () => Promise<string>; end: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const run = async (): Promise<string> => {
    log.push(name)
    await promise
    return name
  }
  return { run, end: () => resolve(undefined) }
}

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('tasks for one name', () => {
  it('run one behind the other, and others beside them', async () => {
    const log: string[] = []
    const [one, two, other] = ['one', 'two', 'other'].map((name) => task(log, name))
    const first = inTurn(docker, 'a', one!.run, undefined)
    const second = inTurn(docker, 'a', two!.run, undefined)
    const beside = inTurn(docker, 'b', other!.run, undefined)
    await soon()
    expect(log).toEqual(['one', 'other'])
    one!.end()
    two!.end()
    other!.end()
    expect(await Promise.all([first, second, beside])).toEqual(['one', 'two', 'other'])
  })

  it('wait for the one under way, even behind one that has given up', async () => {
    const log: string[] = []
    const [one, two, three] = ['one', 'two', 'three'].map((name) => task(log, name))
    const controller = new AbortController()
    const first = inTurn(docker, 'a', one!.run, undefined)
    const second = inTurn(docker, 'a', two!.run, controller.signal)
    controller.abort(new Error('enough'))
    await expect(second).rejects.toThrow('enough')
    const third = inTurn(docker, 'a', three!.run, undefined)
    await soon()
    expect(log).toEqual(['one'])
    one!.end()
    three!.end()
    expect(await Promise.all([first, third])).toEqual(['one', 'three'])
    expect(log).toEqual(['one', 'three'])
  })

  it('come after one that failed', async () => {
    const failed = inTurn(docker, 'a', () => Promise.reject(new Error('no')), undefined)
    const next = inTurn(docker, 'a', () => Promise.resolve(1), undefined)
    await expect(failed).rejects.toThrow('no')
    expect(await next).toBe(1)
  })
})
