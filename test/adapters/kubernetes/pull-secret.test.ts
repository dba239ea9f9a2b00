import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { imagePullSecret, type PullSecretOptions } from '../../../src/adapters/kubernetes/index.js'
import { PullpassError } from '../../../src/errors.js'
import { PASSWORD, registry } from './support.js'

const file = join(import.meta.dirname, '../../vectors/kubectl-docker-registry-secrets.json')
const kubectlCases = JSON.parse(readFileSync(file, 'utf8')) as {
  server: string
  username: string
  password: string
  email: string | null
  /** Absent where kubectl refused. */
  secret?: { kind: string; apiVersion: string; type: string; data: { '.dockerconfigjson': string } }
}[]

function dataOf(options: PullSecretOptions): unknown {
  const { data } = imagePullSecret(options)
  return JSON.parse(Buffer.from(data!['.dockerconfigjson']!, 'base64').toString())
}

describe('imagePullSecret', () => {
  it('makes what kubectl create secret docker-registry makes', () => {
    const secret = imagePullSecret({ registry: { ...registry, email: 'user@example.com' }, namespace: 'connectors' })
    expect(secret).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'opencti-registry-auth', namespace: 'connectors' },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': expect.any(String) as string },
    })
  })

  it.each(kubectlCases)(
    'is what kubectl makes for $username of $server',
    ({ server, username, password, email, secret }) => {
      const make = () => imagePullSecret({ registry: { server, username, password, ...(email !== null && { email }) } })
      if (secret === undefined) {
        expect(make).toThrow(PullpassError)
        return
      }
      const made = make()
      // kubectl leaves docker.io, under which docker CLI finds nothing.
      const text = Buffer.from(secret.data['.dockerconfigjson'], 'base64').toString()
      const expected = text.replace('{"auths":{"docker.io":', '{"auths":{"https://index.docker.io/v1/":')
      expect(Buffer.from(made.data!['.dockerconfigjson']!, 'base64').toString()).toBe(expected)
      expect(made).toMatchObject({ kind: secret.kind, apiVersion: secret.apiVersion, type: secret.type })
    },
  )

  it('holds several registries', () => {
    const credentials = {
      'b.example.com': { username: 'b', password: 'secret-b' },
      'a.example.com': { username: 'a', password: 'secret-a' },
    }
    expect(Object.keys((dataOf({ credentials }) as { auths: object }).auths)).toEqual([
      'a.example.com',
      'b.example.com',
    ])
  })

  it('carries name, labels and annotations', () => {
    const [labels, annotations] = [{ 'app.kubernetes.io/name': 'x' }, { 'Example.com/note': 'anything at all: ✓' }]
    const { metadata } = imagePullSecret({ registry, name: 'my.pull-secret', labels, annotations })
    expect(metadata).toEqual({ name: 'my.pull-secret', labels, annotations })
    expect(metadata?.labels).not.toBe(labels)
  })

  it('prints with its data masked, and serializes as it is', () => {
    const secret = imagePullSecret({ registry })
    const data = secret.data!['.dockerconfigjson']!
    expect(inspect(secret)).not.toContain(data)
    expect(inspect({ nested: [secret] }, { depth: 9 })).not.toContain(data)
    expect(JSON.stringify(secret)).toContain(data)
  })

  it.each<[string, PullSecretOptions, string, RegExp]>([
    ['no user', { registry: { server: 'r.example.com' } }, 'ERR_CREDENTIALS', /r\.example\.com/],
    ['no entries', { credentials: {} }, 'ERR_PULL_SECRET_INVALID', /no credentials/],
    [
      'an identity token',
      { credentials: { r: { identityToken: PASSWORD } } },
      'ERR_PULL_SECRET_INVALID',
      /identity token/,
    ],
    [
      'a registry token',
      { credentials: { r: { registryToken: PASSWORD } } },
      'ERR_PULL_SECRET_INVALID',
      /registry token/,
    ],
    ['a user with a colon', { registry: { ...registry, username: 'a:b' } }, 'ERR_CREDENTIALS', /colon/],
    ['capitals in the name', { registry, name: 'Bad_Name' }, 'ERR_PULL_SECRET_INVALID', /name is "Bad_Name"/],
    ['an empty name', { registry, name: '' }, 'ERR_PULL_SECRET_INVALID', /name/],
    ['a long name', { registry, name: 'a'.repeat(254) }, 'ERR_PULL_SECRET_INVALID', /253/],
    ['a dot in the namespace', { registry, namespace: 'a.b' }, 'ERR_PULL_SECRET_INVALID', /namespace is "a\.b"/],
    ['a long namespace', { registry, namespace: 'a'.repeat(64) }, 'ERR_PULL_SECRET_INVALID', /63/],
    ['a label that is none', { registry, labels: { a: 'b c' } }, 'ERR_PULL_SECRET_INVALID', /labels\["a"\]/],
    [
      'a label key that is none',
      { registry, labels: { 'a/b/c': '' } },
      'ERR_PULL_SECRET_INVALID',
      /key in labels is "a\/b\/c"/,
    ],
    [
      'an annotation key that is none',
      { registry, annotations: { '-': '' } },
      'ERR_PULL_SECRET_INVALID',
      /annotations/,
    ],
    [
      'annotations beyond 256 KiB',
      { registry, annotations: { a: 'x'.repeat(1 << 18) } },
      'ERR_PULL_SECRET_INVALID',
      /annotations is "262145 bytes"/,
    ],
    [
      'data beyond 1 MiB',
      { registry: { ...registry, password: 'x'.repeat(1 << 20) } },
      'ERR_PULL_SECRET_INVALID',
      /1048576/,
    ],
  ])('refuses %s', (_, options, code, message) => {
    let thrown: unknown
    try {
      imagePullSecret(options)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ name: 'PullpassError', code, message: expect.stringMatching(message) as string })
    expect((thrown as { hint?: string }).hint).toBeTruthy()
    expect(inspect(thrown)).not.toContain(PASSWORD)
  })

  it.each([[{}], [{ registry: undefined }], [{ registry, credentials: {} }]])(
    'is not called like this: %o',
    (options) => {
      expect(() => imagePullSecret(options as PullSecretOptions)).toThrow(TypeError)
    },
  )
})
