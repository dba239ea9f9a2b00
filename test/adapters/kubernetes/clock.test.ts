import { describe, expect, it } from 'vitest'
import {
  attachToServiceAccount,
  ensureImagePullSecret,
  syncImagePullSecrets,
} from '../../../src/adapters/kubernetes/index.js'
import { makeTestClock } from '../../../src/testing/index.js'
import { passwordsIn, registry, useApiServer } from './support.js'

const server = useApiServer()
const namespace = 'connectors'
const busy = (retryAfter: number) => ({ kind: 'busy', retryAfter }) as const

describe('what takes long is over at once on the clock of a test', () => {
  it('requests that the server is too busy for', async () => {
    const clock = makeTestClock()
    server.current.fault = (_seen, index) => (index < 2 ? busy(30) : undefined)
    expect(await ensureImagePullSecret(server.current.kubeConfig(), { namespace, registry, clock })).toMatchObject({
      action: 'created',
    })
    expect(clock.waits).toEqual([30, 30])
  })

  it('a Retry-After that is too long is cut', async () => {
    const clock = makeTestClock()
    server.current.fault = (_seen, index) => (index < 1 ? busy(3600) : undefined)
    await ensureImagePullSecret(server.current.kubeConfig(), { namespace, registry, clock })
    expect(clock.waits).toEqual([60])
  })

  it('the two minutes for what must not be left half done', async () => {
    const clock = makeTestClock()
    const options = { namespace, registry, clock, retry: { attempts: 0, delay: 1 } }
    await ensureImagePullSecret(server.current.kubeConfig(), options)
    server.current.fault = ({ method }) => (method === 'DELETE' ? busy(1) : undefined)
    await expect(ensureImagePullSecret(server.current.kubeConfig(), options)).rejects.toMatchObject({
      code: 'ERR_KUBERNETES_UNAVAILABLE',
    })
    expect(clock.waits).toEqual(Array.from({ length: 119 }, () => 1))
  })

  it('the wait for a service account', async () => {
    const clock = makeTestClock()
    const start = clock.now()
    const options = { namespace, serviceAccount: 'late', waitSeconds: 600, clock }
    await expect(attachToServiceAccount(server.current.kubeConfig(), options)).rejects.toMatchObject({
      code: 'ERR_KUBERNETES_NOT_FOUND',
    })
    expect(clock.now() - start).toBeCloseTo(600_000)
  })

  it('the life of a token', async () => {
    const clock = makeTestClock({ hold: true })
    const stop = new AbortController()
    let count = 0
    const provide = () => ({
      username: 'AWS',
      password: `token-${++count}`,
      expiresAt: new Date(clock.now() + 12 * 3600 * 1000),
    })
    const running = syncImagePullSecrets(server.current.kubeConfig(), {
      namespaces: [namespace],
      credentials: { 'registry.example.com': provide },
      signal: stop.signal,
      clock,
    })
    const password = (): unknown => {
      const secret = server.current.read('secrets', namespace, 'opencti-registry-auth')
      return secret && passwordsIn(secret)['registry.example.com']
    }
    for (const token of ['token-1', 'token-2', 'token-3']) {
      // Four fifths of its life.
      expect(await clock.nextWait()).toBeCloseTo(0.8 * 12 * 3600)
      await expect.poll(password).toBe(token)
      clock.advance(0.8 * 12 * 3600)
    }
    stop.abort()
    await running
  })
})
