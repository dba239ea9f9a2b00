import type Docker from 'dockerode'
import { expect, it } from 'vitest'
import { pullImage } from '../../../src/adapters/docker/index.js'
import { makeTestClock } from '../../../src/testing/index.js'

it('pulls that are tried again wait by the clock of a test', async () => {
  const tooMany = Object.assign(new Error('toomanyrequests: slow down'), { statusCode: 500 })
  const missing = Object.assign(new Error('no such image'), { statusCode: 404 })
  const docker = {
    createImage: () => Promise.reject(tooMany),
    getImage: () => ({ inspect: () => Promise.reject(missing) }),
  } as unknown as Docker
  const clock = makeTestClock()
  const pull = pullImage(docker, 'registry.example.com/app', { retry: { attempts: 4, delay: 10 }, clock })
  await expect(pull).rejects.toMatchObject({ code: 'ERR_RATE_LIMITED' })
  expect(clock.waits).toEqual([10, 20, 40, 60])
})
