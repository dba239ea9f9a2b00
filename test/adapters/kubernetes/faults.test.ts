import { describe, expect, it } from 'vitest'
import {
  attachToServiceAccount,
  detachFromServiceAccount,
  ensureImagePullSecret,
  imagePullSecret,
  setUpNamespace,
} from '../../../src/adapters/kubernetes/index.js'
import type { Fault } from '../../support/api-server/index.js'
import { internal } from '../../support/api-server/status.js'
import { passwordsIn, registry, retry, useApiServer } from './support.js'

const server = useApiServer()
const namespace = 'connectors'
const name = 'opencti-registry-auth'
const down = 60

const faults: Record<string, Fault> = {
  'the server dies before it does it': { kind: 'die-before', down },
  'the server dies before it answers': { kind: 'die-after', down },
  'the answer breaks off': { kind: 'cut' },
  'the server is too busy': { kind: 'busy', retryAfter: 0 },
  'the server has an internal error': { kind: 'answer', failure: internal('etcdserver: leader changed') },
}

const old = { ...registry, password: 'old-password' }
const oldSecret = imagePullSecret({ registry: old, namespace })

/** Every step of `work`, each with each fault once. `check` also runs while the fault is there. */
async function atEveryStep(
  steps: number,
  work: () => Promise<unknown>,
  prepare: () => void,
  check: () => void,
): Promise<void> {
  for (const [what, fault] of Object.entries(faults)) {
    for (let step = 0; step < steps; step++) {
      prepare()
      server.current.requests.length = 0
      let count = 0
      server.current.fault = (_seen, index) => {
        count = index
        return index === step ? fault : undefined
      }
      await work()
      expect(count, `${what}, step ${step}: it was not repeated`).toBeGreaterThanOrEqual(steps - 1)
      check()
      server.current.fault = () => undefined
    }
  }
}

function putOld(secret: object = oldSecret): void {
  server.current.remove('secrets', namespace, name)
  server.current.put('secrets', JSON.parse(JSON.stringify(secret)) as Parameters<typeof server.current.put>[1])
}

function password(): string | undefined {
  const secret = server.current.read('secrets', namespace, name)
  return secret && passwordsIn(secret)['registry.example.com']
}

describe('a fault at any step of', () => {
  it("ensureImagePullSecret with 'recreate' ends with the new secret", async () => {
    const kubeConfig = server.current.kubeConfig()
    const work = (): Promise<unknown> => ensureImagePullSecret(kubeConfig, { namespace, registry, retry })
    await atEveryStep(4, work, putOld, () => expect(password()).toBe(registry.password))
  })

  it("ensureImagePullSecret with 'apply' ends with the new secret", async () => {
    const kubeConfig = server.current.kubeConfig()
    const options = { namespace, registry, retry, strategy: 'apply', force: true } as const
    const check = (): void => expect(password()).toBe(registry.password)
    await atEveryStep(2, () => ensureImagePullSecret(kubeConfig, options), putOld, check)
  })

  it("ensureImagePullSecret with 'apply' over an immutable secret ends with the new secret", async () => {
    const kubeConfig = server.current.kubeConfig()
    const options = { namespace, registry, retry, strategy: 'apply' } as const
    const check = (): void => expect(password()).toBe(registry.password)
    const prepare = (): void => putOld({ ...(oldSecret as object), immutable: true })
    await atEveryStep(5, () => ensureImagePullSecret(kubeConfig, options), prepare, check)
  })

  it('attachToServiceAccount and detachFromServiceAccount ends with the right list', async () => {
    const kubeConfig = server.current.kubeConfig()
    const options = { namespace, secret: 'new', retry }
    const put = (names: string[]) => (): void => {
      server.current.remove('serviceaccounts', namespace, 'default')
      const imagePullSecrets = names.map((each) => ({ name: each }))
      server.current.put('serviceaccounts', { metadata: { name: 'default', namespace }, imagePullSecrets })
    }
    const check = (names: string[]) => (): void => {
      const found = server.current.read('serviceaccounts', namespace, 'default')
      expect(found?.['imagePullSecrets'] ?? []).toEqual(names.map((each) => ({ name: each })))
    }
    const attach = (): Promise<unknown> => attachToServiceAccount(kubeConfig, options)
    await atEveryStep(2, attach, put(['old']), check(['old', 'new']))
    const detach = (): Promise<unknown> => detachFromServiceAccount(kubeConfig, options)
    await atEveryStep(2, detach, put(['old', 'new']), check(['old']))
  })

  it('setUpNamespace ends with the secret, attached', async () => {
    const kubeConfig = server.current.kubeConfig()
    const prepare = (): void => {
      putOld()
      server.current.remove('serviceaccounts', namespace, 'default')
      server.current.put('serviceaccounts', { metadata: { name: 'default', namespace } })
    }
    const check = (): void => {
      expect(password()).toBe(registry.password)
      const found = server.current.read('serviceaccounts', namespace, 'default')
      expect(found).toMatchObject({ imagePullSecrets: [{ name }] })
    }
    await atEveryStep(6, () => setUpNamespace(kubeConfig, { namespace, registry, retry }), prepare, check)
  })
})

describe('a server that dies for good at any step of ensureImagePullSecret', () => {
  it.each([0, 1])('leaves the old secret: step %i', async (step) => {
    putOld()
    server.current.fault = (_seen, index) => (index >= step ? { kind: 'die-before', down: 1 } : undefined)
    const options = { namespace, registry, retry: { attempts: 2, delay: 0.01 } }
    const running = ensureImagePullSecret(server.current.kubeConfig(), options)
    await expect(running).rejects.toMatchObject({ code: 'ERR_KUBERNETES_UNREACHABLE' })
    expect(password()).toBe('old-password')
  })
})

describe('once the old secret is deleted', () => {
  it('the signal no longer stops it', async () => {
    putOld()
    const stop = new AbortController()
    server.current.fault = ({ method }) => {
      return method === 'DELETE' ? { kind: 'first', happens: () => stop.abort() } : undefined
    }
    const result = await ensureImagePullSecret(server.current.kubeConfig(), {
      namespace,
      registry,
      signal: stop.signal,
    })
    expect(result.action).toBe('replaced')
    expect(password()).toBe(registry.password)
  })

  it('it goes on after the retries that were asked for', async () => {
    putOld()
    let failures = 0
    server.current.fault = ({ method, path }) => {
      if (method !== 'POST' || path.includes('dryRun') || failures === 5) return undefined
      failures++
      return { kind: 'busy', retryAfter: 0 }
    }
    const options = { namespace, registry, retry: { attempts: 0, delay: 0.01 } }
    await ensureImagePullSecret(server.current.kubeConfig(), options)
    expect(failures).toBe(5)
    expect(password()).toBe(registry.password)
  })
})
