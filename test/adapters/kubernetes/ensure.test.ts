import { inspect } from 'node:util'
import { CoreV1Api } from '@kubernetes/client-node'
import { describe, expect, it } from 'vitest'
import { applyProxy } from '../../../src/adapters/kubernetes/apply-proxy.js'
import { ensureImagePullSecret } from '../../../src/adapters/kubernetes/index.js'
import { recordingLogger } from '../../support/recording-logger.js'
import { passwordsIn, PASSWORD, registry, retry, useApiServer } from './support.js'

const server = useApiServer()
const namespace = 'connectors'
const name = 'opencti-registry-auth'
const dryRun = 'POST secrets?dryRun=All&fieldManager=pullpass'

describe('ensureImagePullSecret', () => {
  it('creates the secret that is not there', async () => {
    const result = await ensureImagePullSecret(server.current.kubeConfig(), { namespace, registry, retry })
    expect(result).toMatchObject({ action: 'created', namespace, name, secret: { metadata: { name, namespace } } })
    const stored = server.current.read('secrets', namespace, name)
    expect(stored).toMatchObject({ type: 'kubernetes.io/dockerconfigjson' })
    expect(passwordsIn(stored)).toEqual({ 'registry.example.com': PASSWORD })
    expect(server.current.calls()).toEqual([`GET secrets/${name}`, 'POST secrets?fieldManager=pullpass'])
  })

  it('proves the new one, deletes the version that it saw, and creates', async () => {
    const core = server.current.kubeConfig().makeApiClient(CoreV1Api)
    const first = await ensureImagePullSecret(core, { namespace, registry, retry })
    server.current.requests.length = 0
    const again = await ensureImagePullSecret(core, { namespace, registry, retry })
    expect(again.action).toBe('replaced')
    expect(again.secret?.metadata?.uid).not.toBe(first.secret?.metadata?.uid)
    expect(server.current.calls()).toEqual([
      `GET secrets/${name}`,
      dryRun,
      `DELETE secrets/${name}`,
      'POST secrets?fieldManager=pullpass',
    ])
    const deletion = server.current.requests.find(({ method }) => method === 'DELETE')
    expect(Number(deletion?.contentLength)).toBeGreaterThan(0)
    const { uid, resourceVersion } = first.secret!.metadata!
    expect(JSON.parse(deletion!.body)).toMatchObject({ preconditions: { uid, resourceVersion } })
  })

  it('logs what operators know from XTM Composer', async () => {
    const logger = recordingLogger()
    await ensureImagePullSecret(server.current.kubeConfig(), { namespace, registry, logger, retry })
    const fields = { orchestrator: 'kubernetes', secret: 'opencti-registry-auth' }
    expect(logger.lines).toEqual([
      { level: 'info', fields, message: 'Deleting existing imagePullSecret if present' },
      {
        level: 'info',
        fields: { ...fields, server: 'registry.example.com' },
        message: 'Creating imagePullSecret for private registry',
      },
      { level: 'info', fields, message: 'Successfully created imagePullSecret' },
    ])
  })

  it('needs get, list, create and delete on secrets, and nothing else', async () => {
    const kubeConfig = composer(['get', 'list', 'create', 'delete'])
    await ensureImagePullSecret(kubeConfig, { namespace, registry, retry })
    expect(await ensureImagePullSecret(kubeConfig, { namespace, registry, retry })).toMatchObject({
      action: 'replaced',
    })
  })

  it('goes through a kubeconfig of applyProxy', async () => {
    const kubeConfig = applyProxy(server.current.kubeConfig(), undefined)
    for (const action of ['created', 'replaced']) {
      expect(await ensureImagePullSecret(kubeConfig, { namespace, registry, retry })).toMatchObject({ action })
    }
    expect(server.current.connections).toBeLessThanOrEqual(2)
  })

  it('goes through an exec plugin of the kubeconfig', async () => {
    const credential = { kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1' }
    const status = { token: server.current.token() }
    const script = `console.log('${JSON.stringify({ ...credential, status })}')`
    const kubeConfig = server.current.kubeConfig()
    const exec = { apiVersion: credential.apiVersion, command: process.execPath, args: ['--eval', script] }
    kubeConfig.users = [{ name: 'user', exec }]
    expect(await ensureImagePullSecret(kubeConfig, { namespace, registry, retry })).toMatchObject({ action: 'created' })
  })

  it('prints the data of kubectl apply in an annotation as little as any other', async () => {
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': 'canary', other: 'shown' }
    const options = { namespace, registry, annotations, retry }
    const { secret } = await ensureImagePullSecret(server.current.kubeConfig(), options)
    expect(secret?.metadata?.annotations).toEqual(annotations)
    expect(inspect(secret, { depth: 9 })).not.toContain('canary')
    expect(inspect(secret, { depth: 9 })).toContain('shown')
  })

  it('prints its result without the password', async () => {
    const result = await ensureImagePullSecret(server.current.kubeConfig(), { namespace, registry, retry })
    expect(inspect(result, { depth: 9 })).not.toContain(result.secret!.data!['.dockerconfigjson'])
  })

  it.each([
    ['no registry', { registry: undefined }],
    ['a registry without a user', { registry: { server: 'registry.example.com' } }],
    ['no entries', { credentials: {} }],
  ])('leaves everything alone with %s', async (_, content) => {
    const result = await ensureImagePullSecret(server.current.kubeConfig(), { namespace, retry, ...content })
    expect(result).toEqual({ action: 'skipped', namespace, name })
    expect(server.current.requests).toEqual([])
  })
})

/** The kubeconfig of a service account with these verbs on secrets. */
function composer(verbs: string[]): ReturnType<typeof server.current.kubeConfig> {
  const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'composer' }
  const rules = [{ apiGroups: [''], resources: ['secrets'], verbs }]
  const subjects = [{ kind: 'ServiceAccount', name: 'composer', namespace: 'default' }]
  server.current.put('roles', { metadata: { name: 'composer', namespace }, rules })
  server.current.put('rolebindings', { metadata: { name: 'composer', namespace }, roleRef: role, subjects })
  return server.current.kubeConfig('system:serviceaccount:default:composer')
}
