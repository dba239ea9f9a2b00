import { AuthorizationV1Api, CoreV1Api, type V1Role } from '@kubernetes/client-node'
import { describe, expect, it } from 'vitest'
import {
  attachToServiceAccount,
  checkPermissions,
  ensureImagePullSecret,
  imagePullSecret,
  pullSecretRole,
  pullSecretRoleBinding,
} from '../../../src/adapters/kubernetes/index.js'
import { registry, retry, useApiServer } from './support.js'

const server = useApiServer()
const namespace = 'connectors'
const name = 'opencti-registry-auth'
const subject = { name: 'xtm-composer', namespace: 'default' }

/** The kubeconfig of a service account that is given these roles. */
function bound(...roles: V1Role[]): ReturnType<typeof server.current.kubeConfig> {
  for (const { rules, metadata } of roles) {
    const name = metadata!.name!
    const { roleRef, subjects } = pullSecretRoleBinding({ subject, namespace, name })
    server.current.put('roles', { metadata: { name, namespace }, rules })
    server.current.put('rolebindings', { metadata: { name, namespace }, roleRef, subjects })
  }
  return server.current.kubeConfig('system:serviceaccount:default:xtm-composer')
}

describe('pullSecretRole', () => {
  it("asks for exactly get, list, create and delete on secrets for 'recreate'", () => {
    expect(pullSecretRole({ strategy: 'recreate' })).toEqual({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'pullpass' },
      rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'create', 'delete'] }],
    })
    expect(pullSecretRole().rules).toEqual(pullSecretRole({ strategy: 'recreate' }).rules)
  })

  it('is enough for what it is made for, and its binding binds it', async () => {
    server.current.put('serviceaccounts', { metadata: { name: 'default', namespace } })
    const kubeConfig = bound(pullSecretRole({ serviceAccount: 'default' }))
    await ensureImagePullSecret(kubeConfig, { namespace, registry, retry })
    await ensureImagePullSecret(kubeConfig, { namespace, registry, retry })
    await attachToServiceAccount(kubeConfig, { namespace, retry })
  })

  it("is enough for 'apply', over an immutable secret as well", async () => {
    const kubeConfig = bound(pullSecretRole({ strategy: 'apply' }))
    const apply = (): Promise<unknown> =>
      ensureImagePullSecret(kubeConfig, { namespace, registry, retry, strategy: 'apply' })
    expect(await apply()).toMatchObject({ action: 'created' })
    server.current.remove('secrets', namespace, name)
    const old = imagePullSecret({ registry: { ...registry, password: 'old' }, namespace })
    server.current.put('secrets', { ...JSON.parse(JSON.stringify(old)), immutable: true } as never)
    expect(await apply()).toMatchObject({ action: 'replaced' })
  })

  it("does not let 'apply' touch other secrets", () => {
    const { rules } = pullSecretRole({ strategy: 'apply', secret: 'mine' })
    expect(rules).toEqual([
      { apiGroups: [''], resources: ['secrets'], resourceNames: ['mine'], verbs: ['get', 'patch', 'delete'] },
      { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
    ])
  })
})

describe('checkPermissions', () => {
  it('is content with the role', async () => {
    const kubeConfig = bound(pullSecretRole({ serviceAccount: 'default' }))
    const result = await checkPermissions(kubeConfig, { namespace, serviceAccount: 'default', retry })
    expect(result).toEqual({ allowed: true, missing: [] })
  })

  it('names what is missing, as a Role to apply', async () => {
    const rules = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] }]
    const kubeConfig = bound({ metadata: { name: 'some' }, rules })
    const wanted = { namespace, serviceAccount: 'default', name: 'missing', retry }
    const result = await checkPermissions(kubeConfig, wanted)
    expect(result.allowed).toBe(false)
    expect(result.missing).toEqual([
      { verb: 'create', resource: 'secrets' },
      { verb: 'delete', resource: 'secrets' },
      { verb: 'get', resource: 'serviceaccounts', name: 'default' },
      { verb: 'patch', resource: 'serviceaccounts', name: 'default' },
    ])
    expect(result.role).toEqual({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'missing', namespace },
      rules: [
        { apiGroups: [''], resources: ['secrets'], verbs: ['create', 'delete'] },
        { apiGroups: [''], resources: ['serviceaccounts'], resourceNames: ['default'], verbs: ['get', 'patch'] },
      ],
    })
    bound(result.role!)
    expect(await checkPermissions(kubeConfig, wanted)).toEqual({ allowed: true, missing: [] })
  })

  it('takes whichever API object the caller has', async () => {
    const kubeConfig = bound(pullSecretRole())
    for (const api of [kubeConfig, kubeConfig.makeApiClient(CoreV1Api), kubeConfig.makeApiClient(AuthorizationV1Api)]) {
      expect(await checkPermissions(api, { namespace, retry })).toEqual({ allowed: true, missing: [] })
    }
  })

  it('refuses what is none', async () => {
    await expect(checkPermissions({} as CoreV1Api, { namespace })).rejects.toThrow(TypeError)
    await expect(checkPermissions(server.current.kubeConfig(), {} as { namespace: string })).rejects.toThrow(
      'namespace',
    )
  })
})

it('a RoleBinding for nobody is a mistake of the program', () => {
  expect(() => pullSecretRoleBinding({ namespace } as never)).toThrow(/^subject must be an object, not undefined/)
})
