import { describe, expect, it } from 'vitest'
import {
  attachToServiceAccount,
  detachFromServiceAccount,
  setUpNamespace,
} from '../../../src/adapters/kubernetes/index.js'
import { recordingLogger } from '../../support/recording-logger.js'
import { registry, retry, useApiServer } from './support.js'

const server = useApiServer()
const namespace = 'connectors'

function put(...names: string[]): void {
  const imagePullSecrets = names.map((name) => ({ name }))
  const metadata = { name: 'default', namespace }
  server.current.put('serviceaccounts', { metadata, ...(names.length > 0 && { imagePullSecrets }) })
}

const pullSecrets = (): unknown => server.current.read('serviceaccounts', namespace, 'default')?.['imagePullSecrets']

describe('attachToServiceAccount', () => {
  it('appends to the list', async () => {
    put('already-there')
    const result = await attachToServiceAccount(server.current.kubeConfig(), { namespace, retry })
    const imagePullSecrets = ['already-there', 'opencti-registry-auth']
    expect(result).toEqual({ action: 'attached', namespace, serviceAccount: 'default', imagePullSecrets })
    expect(pullSecrets()).toEqual(imagePullSecrets.map((name) => ({ name })))
  })

  it('writes nothing when it is there', async () => {
    put('opencti-registry-auth', 'other')
    const result = await attachToServiceAccount(server.current.kubeConfig(), { namespace, retry })
    expect(result).toMatchObject({ action: 'unchanged', imagePullSecrets: ['opencti-registry-auth', 'other'] })
    expect(server.current.calls()).toEqual(['GET serviceaccounts/default'])
  })

  it('reads again when somebody else was faster', async () => {
    put()
    server.current.fault = ({ method }, index) => {
      return method === 'PATCH' && index < 6 ? { kind: 'first', happens: () => attach(`other-${index}`) } : undefined
    }
    const attach = (name: string): void => {
      const found = server.current.read('serviceaccounts', namespace, 'default')!
      const imagePullSecrets = [...((found['imagePullSecrets'] as object[] | undefined) ?? []), { name }]
      server.current.put('serviceaccounts', { ...found, imagePullSecrets })
    }
    await attachToServiceAccount(server.current.kubeConfig(), { namespace, secret: 'mine', retry })
    expect(pullSecrets()).toEqual(['other-1', 'other-3', 'other-5', 'mine'].map((name) => ({ name })))
  })

  it('loses nothing when many attach at once', async () => {
    put()
    const kubeConfig = server.current.kubeConfig()
    const names = ['a', 'b', 'c', 'd', 'e']
    await Promise.all(names.map((secret) => attachToServiceAccount(kubeConfig, { namespace, secret, retry })))
    expect((pullSecrets() as { name: string }[]).map(({ name }) => name).sort()).toEqual(names)
  })

  it('waits for a service account that is about to appear', async () => {
    setTimeout(put, 150)
    const result = await attachToServiceAccount(server.current.kubeConfig(), { namespace, retry, waitSeconds: 10 })
    expect(result.action).toBe('attached')
  })

  it('says which one is missing', async () => {
    const missing = attachToServiceAccount(server.current.kubeConfig(), { namespace, serviceAccount: 'nobody', retry })
    await expect(missing).rejects.toMatchObject({
      code: 'ERR_KUBERNETES_NOT_FOUND',
      message: 'cannot get serviceaccounts "nobody" in namespace "connectors": serviceaccounts "nobody" does not exist',
    })
  })

  it('stops waiting when it is told to', async () => {
    const stop = new AbortController()
    const reason = new Error('enough')
    setTimeout(() => stop.abort(reason), 50)
    const options = { namespace, retry, waitSeconds: 60, signal: stop.signal }
    await expect(attachToServiceAccount(server.current.kubeConfig(), options)).rejects.toBe(reason)
  })

  it('logs what it changed', async () => {
    put()
    const logger = recordingLogger()
    await attachToServiceAccount(server.current.kubeConfig(), { namespace, retry, logger })
    const fields = { orchestrator: 'kubernetes', secret: 'opencti-registry-auth', namespace, serviceAccount: 'default' }
    expect(logger.lines).toEqual([{ level: 'info', fields, message: 'imagePullSecret attached' }])
  })
})

describe('detachFromServiceAccount', () => {
  it('takes one and leaves the others', async () => {
    put('a', 'opencti-registry-auth', 'b')
    const result = await detachFromServiceAccount(server.current.kubeConfig(), { namespace, retry })
    expect(result).toMatchObject({ action: 'detached', imagePullSecrets: ['a', 'b'] })
    expect(pullSecrets()).toEqual([{ name: 'a' }, { name: 'b' }])
  })

  it('takes the last one', async () => {
    put('opencti-registry-auth')
    const result = await detachFromServiceAccount(server.current.kubeConfig(), { namespace, retry })
    expect(result).toMatchObject({ action: 'detached', imagePullSecrets: [] })
    expect(pullSecrets()).toBeUndefined()
  })

  it('writes nothing when it is not there', async () => {
    put('a')
    const result = await detachFromServiceAccount(server.current.kubeConfig(), { namespace, retry })
    expect(result).toMatchObject({ action: 'unchanged', imagePullSecrets: ['a'] })
    expect(server.current.requests.length).toBe(1)
  })
})

describe('setUpNamespace', () => {
  it('creates the secret and attaches it to the service account that is about to appear', async () => {
    setTimeout(put, 100)
    const result = await setUpNamespace(server.current.kubeConfig(), { namespace, registry, name: 'mine', retry })
    expect(result).toMatchObject({ secret: { action: 'created' }, serviceAccount: { action: 'attached' } })
    expect(server.current.read('secrets', namespace, 'mine')).toBeDefined()
    expect(pullSecrets()).toEqual([{ name: 'mine' }])
  })

  it('attaches nothing without credentials', async () => {
    const result = await setUpNamespace(server.current.kubeConfig(), { namespace, registry: undefined, retry })
    expect(result).toEqual({ secret: { action: 'skipped', namespace, name: 'opencti-registry-auth' } })
    expect(server.current.requests).toEqual([])
  })
})
