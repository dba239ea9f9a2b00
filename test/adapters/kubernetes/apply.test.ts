import { describe, expect, it } from 'vitest'
import { ensureImagePullSecret, type EnsureOptions } from '../../../src/adapters/kubernetes/index.js'
import { recordingLogger } from '../../support/recording-logger.js'
import { passwordsIn, registry, retry, useApiServer } from './support.js'

const server = useApiServer()
const namespace = 'connectors'
const name = 'opencti-registry-auth'

function apply(more: Partial<EnsureOptions> = {}): ReturnType<typeof ensureImagePullSecret> {
  const options = { namespace, registry, retry, strategy: 'apply', ...more } as const
  return ensureImagePullSecret(server.current.kubeConfig(), options)
}

const newPassword = { registry: { ...registry, password: 'new' } }
const read = (): ReturnType<typeof server.current.read> => server.current.read('secrets', namespace, name)
const password = (): string | undefined => passwordsIn(read())['registry.example.com']
const managers = (): string[] =>
  read()!.metadata.managedFields!.map(({ manager, operation }) => `${operation} ${manager}`)

describe("ensureImagePullSecret with 'apply'", () => {
  it('creates, leaves alone what is as it should be, and updates', async () => {
    expect(await apply()).toMatchObject({ action: 'created' })
    const { resourceVersion, uid } = read()!.metadata
    server.current.requests.length = 0
    expect(await apply()).toMatchObject({ action: 'unchanged', secret: { metadata: { resourceVersion } } })
    expect(server.current.calls()).toEqual([`GET secrets/${name}`])
    expect(await apply(newPassword)).toMatchObject({ action: 'updated', secret: { metadata: { uid } } })
    expect(password()).toBe('new')
    expect(managers()).toEqual(['Apply pullpass'])
  })

  it('sees to labels as well', async () => {
    await apply({ labels: { team: 'blue' } })
    expect(await apply({ labels: { team: 'blue' } })).toMatchObject({ action: 'unchanged' })
    expect(await apply({ labels: { team: 'red' } })).toMatchObject({ action: 'updated' })
    expect(read()?.metadata.labels).toEqual({ team: 'red' })
  })

  it('leaves what others added', async () => {
    await apply()
    const found = read()!
    server.current.put('secrets', { ...found, metadata: { ...found.metadata, labels: { other: 'tool' } } })
    await apply(newPassword)
    expect(read()?.metadata.labels).toEqual({ other: 'tool' })
  })

  it('names the manager that it is in conflict with, unless it is forced', async () => {
    await apply({ ...newPassword, fieldManager: 'helm' })
    await expect(apply()).rejects.toMatchObject({
      code: 'ERR_KUBERNETES_CONFLICT',
      message: expect.stringContaining('.data..dockerconfigjson belongs to "helm"') as string,
      hint: expect.stringContaining('force') as string,
    })
    expect(password()).toBe('new')
    expect(await apply({ force: true })).toMatchObject({ action: 'updated' })
    expect(password()).toBe(registry.password)
  })

  it('takes over what it made itself by creating', async () => {
    await ensureImagePullSecret(server.current.kubeConfig(), { namespace, registry, retry })
    expect(managers()).toEqual(['Update pullpass'])
    expect(await apply(newPassword)).toMatchObject({ action: 'updated' })
    expect(password()).toBe('new')
  })

  it.each([
    ['an immutable one', { immutable: true }],
    ['one of another type', { type: 'Opaque' }],
  ])('recreates %s', async (_, fields) => {
    await apply(newPassword)
    const found = read()!
    server.current.put('secrets', { ...found, ...fields })
    expect(await apply()).toMatchObject({ action: 'replaced' })
    expect(read()).toMatchObject({ type: 'kubernetes.io/dockerconfigjson' })
    expect(password()).toBe(registry.password)
  })

  it('labels an immutable one', async () => {
    await apply()
    server.current.put('secrets', { ...read()!, immutable: true })
    expect(await apply({ labels: { team: 'blue' } })).toMatchObject({ action: 'updated' })
  })

  it('leaves an immutable one that is as it should be', async () => {
    await apply()
    server.current.put('secrets', { ...read()!, immutable: true })
    expect(await apply()).toMatchObject({ action: 'unchanged' })
  })

  it('recreates one that becomes immutable meanwhile', async () => {
    await apply(newPassword)
    const happens = (): void =>
      void server.current.store.write(
        { plural: 'secrets', kind: 'Secret', group: '', namespaced: true },
        { ...read()!, immutable: true },
      )
    server.current.fault = ({ method }) => (method === 'PATCH' ? { kind: 'first', happens } : undefined)
    expect(await apply()).toMatchObject({ action: 'replaced' })
    expect(password()).toBe(registry.password)
  })

  it('logs when it writes, and at debug when it does not', async () => {
    const logger = recordingLogger()
    await apply({ logger })
    await apply({ logger })
    expect(logger.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'info: Creating imagePullSecret for private registry',
      'info: Successfully created imagePullSecret',
      'debug: The imagePullSecret is as it should be',
    ])
  })
})
