import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { imagePullSecret } from '../../../src/adapters/kubernetes/index.js'

interface KubectlSecret {
  readonly server: string
  readonly username: string
  readonly password: string
  readonly email: string | null
  /** Absent where kubectl refuses. */
  readonly secret?: { readonly data: Record<string, string>; readonly type: string }
}

const file = new URL('../../vectors/kubectl-docker-registry-secrets.json', import.meta.url)
const vectors = JSON.parse(readFileSync(file, 'utf8')) as KubectlSecret[]
const content = (data: Record<string, string> | undefined): unknown =>
  JSON.parse(Buffer.from(data?.['.dockerconfigjson'] ?? '', 'base64').toString())

const registry = { server: 'registry.example.com', username: 'myuser', password: 'mypassword' }

describe('imagePullSecret', () => {
  it('is a kubernetes.io/dockerconfigjson named opencti-registry-auth', () => {
    const secret = imagePullSecret({ registry })
    expect(secret).toMatchObject({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'opencti-registry-auth' },
      type: 'kubernetes.io/dockerconfigjson',
    })
    expect(content(secret.data)).toEqual({
      auths: {
        'registry.example.com': { username: 'myuser', password: 'mypassword', auth: 'bXl1c2VyOm15cGFzc3dvcmQ=' },
      },
    })
  })

  it.each(vectors.filter(({ server, secret }) => secret && server !== 'docker.io'))(
    'holds what kubectl puts in for $username at $server',
    ({ secret, email, ...rest }) => {
      const made = imagePullSecret({ registry: { ...rest, ...(email !== null && { email }) } })
      expect(content(made.data)).toEqual(content(secret?.data))
    },
  )

  it('holds several registries, and the metadata that is asked for', () => {
    const credentials = { 'a.example.com': registry, 'docker.io': { username: 'hub', password: 'p' } }
    const options = { name: 'pull', namespace: 'connectors', labels: { app: 'x' }, annotations: { note: 'y' } }
    const secret = imagePullSecret({ credentials, ...options })
    expect(secret.metadata).toEqual(options)
    expect(Object.keys((content(secret.data) as { auths: object }).auths)).toEqual([
      'a.example.com',
      'https://index.docker.io/v1/',
    ])
  })

  it.each([
    [{ registry: { server: 'registry.example.com' } }, 'ERR_CREDENTIALS', 'no user and password'],
    [{ credentials: {} }, 'ERR_PULL_SECRET_INVALID', 'no credentials'],
    [{ credentials: { 'r.example.com': { identityToken: 't' } } }, 'ERR_PULL_SECRET_INVALID', 'kubelet'],
    [{ registry, name: 'Upper' }, 'ERR_PULL_SECRET_INVALID', 'Upper'],
    [{ registry, name: 'a'.repeat(254) }, 'ERR_PULL_SECRET_INVALID', '253'],
    [{ registry: { ...registry, password: 'p'.repeat(1 << 20) } }, 'ERR_PULL_SECRET_INVALID', '1,048,576'],
  ] as const)('refuses %#', (options, code, words) => {
    expect(() => imagePullSecret(options)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(words) as string }),
    )
  })

  it('prints with its data masked, and serializes with it', () => {
    const secret = imagePullSecret({ registry })
    const data = secret.data?.['.dockerconfigjson'] ?? ''
    expect(inspect(secret)).not.toContain(data)
    expect(JSON.stringify(secret)).toContain(data)
  })
})
