import { describe, expect, it } from 'vitest'
import {
  type Credentials,
  dockerConfigJson,
  lookupDockerConfig,
  parseDockerConfig,
  serializeDockerConfigJson,
} from '../../src/credentials/index.js'
import { readVectors } from './vectors.js'

interface KubectlRecord {
  readonly server: string
  readonly username: string
  readonly password: string
  readonly email: string | null
  readonly secret?: { readonly data: { readonly '.dockerconfigjson': string } }
  readonly error?: string
}

const records = readVectors('kubectl-docker-registry-secrets') as KubectlRecord[]

function entriesOf({ server, username, password, email }: KubectlRecord): Record<string, Credentials> {
  return { [server]: { username, password, ...(email === null ? {} : { email }) } }
}

describe('dockerConfigJson is what kubectl makes', () => {
  it.each(
    records
      .filter(({ secret }) => secret !== undefined)
      .map((record) => [record.server, record.username, record] as const),
  )('for %s and %j, byte for byte but for the key of Docker Hub', (server, _username, record) => {
    const kubectls = Buffer.from(record.secret?.data['.dockerconfigjson'] ?? '', 'base64').toString()
    const expected =
      server === 'docker.io' ? kubectls.replace('"docker.io":', '"https://index.docker.io/v1/":') : kubectls
    expect(serializeDockerConfigJson(dockerConfigJson(entriesOf(record)))).toBe(expected)
  })

  it.each(
    records
      .filter(({ error }) => error !== undefined)
      .map((record) => [record.username, record.password, record] as const),
  )('and refuses %j with %j as kubectl does', (_username, _password, record) => {
    expect(() => dockerConfigJson(entriesOf(record))).toThrow(expect.objectContaining({ code: 'ERR_CREDENTIALS' }))
  })
})

describe('dockerConfigJson', () => {
  const user = { username: 'u', password: 'p' }

  it.each([
    'docker.io',
    'DOCKER.io',
    'index.docker.io',
    'registry-1.docker.io',
    'https://docker.io',
    'docker.io/',
    'docker.io/v1/',
    'https://index.docker.io/v1',
    'https://index.docker.io/v1/',
    'https://index.docker.io/v2',
    'https://registry-1.docker.io/v2/',
  ])('files Docker Hub under its own key, called %s', (server) => {
    expect(Object.keys(dockerConfigJson({ [server]: user }).auths)).toEqual(['https://index.docker.io/v1/'])
  })

  it.each([
    'docker.io/team',
    'https://registry.example.com/v2/',
    'registry.example.com/',
    'docker.io.evil.net',
    '__proto__',
  ])('keeps the key %s', (server) => {
    expect(Object.keys(dockerConfigJson(Object.fromEntries([[server, user]])).auths)).toEqual([server])
  })

  it('sorts the keys, so that the order given does not matter', () => {
    const one = dockerConfigJson({ 'b.example.com': user, 'a.example.com': user })
    const other = dockerConfigJson({ 'a.example.com': user, 'b.example.com': user })
    expect(serializeDockerConfigJson(one)).toBe(serializeDockerConfigJson(other))
    expect(Object.keys(one.auths)).toEqual(['a.example.com', 'b.example.com'])
  })

  it('refuses different credentials for Docker Hub under two names, and takes the same', () => {
    expect(() => dockerConfigJson({ 'docker.io': user, 'index.docker.io': { username: 'u', password: 'q' } })).toThrow(
      expect.objectContaining({
        code: 'ERR_CREDENTIALS',
        message: 'two entries with different credentials are for "https://index.docker.io/v1/"',
        hint: 'Keep one of them: all of the names of Docker Hub are one registry.',
      }),
    )
    expect(Object.keys(dockerConfigJson({ 'docker.io': user, 'index.docker.io': user }).auths)).toHaveLength(1)
  })

  it('refuses an empty password, which kubectl refuses, too', () => {
    expect(() => dockerConfigJson({ 'r.example.com': { username: 'u', password: '' } })).toThrow(
      expect.objectContaining({
        code: 'ERR_CREDENTIALS',
        message: 'the password for "r.example.com" is empty',
        hint: 'Give a password or a token. kubectl refuses an empty one, too.',
      }),
    )
  })

  it('has no field for what is not there', () => {
    const { auths } = dockerConfigJson({ 'r.example.com': user })
    expect(Object.keys(auths['r.example.com']!)).toEqual(['username', 'password', 'auth'])
  })

  it('writes tokens in the fields that Docker reads', () => {
    const config = dockerConfigJson({
      'a.example.com': { identityToken: 'idt' },
      'b.example.com': { identityToken: 'idt', username: 'u' },
      'c.example.com': { registryToken: 'rt' },
    })
    expect(config).toEqual({
      auths: {
        'a.example.com': { identitytoken: 'idt' },
        'b.example.com': { auth: btoa('u:'), identitytoken: 'idt' },
        'c.example.com': { registrytoken: 'rt' },
      },
    })
    expect(lookupDockerConfig(config, 'b.example.com')).toEqual({ identityToken: 'idt', username: 'u' })
  })

  it('comes back from its text', () => {
    const credentials = { username: 'üser', password: '<&>\u2028"\\\n' }
    const text = serializeDockerConfigJson(dockerConfigJson({ 'registry.example.com': credentials }))
    expect(text).not.toMatch(/[<>&\u2028]/)
    expect(lookupDockerConfig(parseDockerConfig(text), 'registry.example.com')).toEqual(credentials)
  })

  it.each([
    ['', user],
    ['https://', user],
    ['registry.example.com', { username: 'a:b', password: 'p' }],
    ['registry.example.com', { username: 'u', password: '\0' }],
  ])('refuses %j with %j', (server, credentials) => {
    expect(() => dockerConfigJson({ [server]: credentials })).toThrow(
      expect.objectContaining({ code: 'ERR_CREDENTIALS' }),
    )
  })
})
