import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compilePullSecrets,
  type Credentials,
  type DockerConfig,
  matchPullSecrets,
  parseDockerConfig,
  type PullSecretMatch,
} from '../../src/credentials/index.js'
import { matchHost, parseKeyringKey, parsePlace } from '../../src/credentials/keyring-key.js'
import { errorOf } from './errors.js'
import { readVectors } from './vectors.js'

interface KeyringRecord {
  readonly dockerconfigjson: readonly object[]
  readonly lookups: readonly {
    readonly image: string
    readonly error?: string
    readonly credentials: readonly { readonly username: string; readonly password: string }[]
  }[]
}

const records = readVectors('kubelet-keyring') as KeyringRecord[]

describe('matchPullSecrets tries what kubelet tries, in its order', () => {
  it.each(records.map((record, index) => [index, record] as const))(
    'record %i',
    (_index, { dockerconfigjson, lookups }) => {
      const match = compilePullSecrets(dockerconfigjson.map(parseDockerConfig))
      for (const { image, credentials, error } of lookups) {
        if (error === undefined)
          expect({ image, found: inRecordedOrder(match(image), credentials) }).toEqual({ image, found: credentials })
        else expect(errorOf(() => match(image))).toMatchObject({ code: 'ERR_IMAGE_REFERENCE' })
      }
    },
  )
})

/** Entries of one secret for one place come as kubelet's map has them: those, and only those, may change places. */
function inRecordedOrder(found: readonly PullSecretMatch[], recorded: readonly { username: string }[]): Credentials[] {
  const place = ({ secret: index, key }: PullSecretMatch): string => `${index} ${parseKeyringKey(key)?.name ?? ''}`
  const position = ({ credentials }: PullSecretMatch): number =>
    recorded.findIndex(({ username }) => username === credentials.username)
  return found
    .toSorted((a, b) => (place(a) === place(b) ? position(a) - position(b) : 0))
    .map(({ credentials }) => credentials)
}

function secret(...keys: string[]): DockerConfig {
  return parseDockerConfig({
    auths: Object.fromEntries(keys.map((key) => [key, { username: key.replaceAll(':', '.'), password: 'p' }])),
  })
}

describe('matchPullSecrets', () => {
  it('says which secret, which key, and why', () => {
    const configs = [
      secret('registry.example.com', '*.example.com'),
      secret('https://registry.example.com/v2/team', 'quay.io'),
    ]
    const found = matchPullSecrets(configs, 'registry.example.com/teamwork/app:1').map(
      ({ secret: index, key, reason }) => ({ secret: index, key, reason }),
    )
    expect(found).toEqual([
      {
        secret: 1,
        key: 'https://registry.example.com/v2/team',
        reason: 'the host is "registry.example.com" and the path begins with "/team"',
      },
      { secret: 0, key: 'registry.example.com', reason: 'the host is "registry.example.com"' },
      { secret: 0, key: '*.example.com', reason: 'the host matches "*.example.com"' },
    ])
    expect(matchPullSecrets(configs, 'alpine')).toEqual([])
  })

  it('names Docker Hub’s key as the last resort', () => {
    const configs = [secret('https://index.docker.io/v1/')]
    expect(matchPullSecrets(configs, 'alpine')).toMatchObject([
      { reason: 'the image is on Docker Hub and no other key matches' },
    ])
    expect(matchPullSecrets(configs, 'localhost/x')).toMatchObject([
      { reason: expect.stringContaining('"localhost"') as string },
    ])
    expect(matchPullSecrets(configs, 'localhost:5000/x')).toEqual([])
    expect(matchPullSecrets([...configs, secret('docker.io')], 'alpine')).toMatchObject([{ secret: 1 }])
  })

  it('tries one key of several secrets in their order, and several keys for one place in that of the file', () => {
    const keys = matchPullSecrets(
      [secret('r.example.com'), secret('http://r.example.com/', 'https://r.example.com')],
      'r.example.com/x',
    )
    expect(keys.map(({ secret: index, key }) => [index, key])).toEqual([
      [0, 'r.example.com'],
      [1, 'http://r.example.com/'],
      [1, 'https://r.example.com'],
    ])
  })

  it('takes auth before user name and password, keeps NULs, and takes entries without either for anonymous', () => {
    const config = parseDockerConfig({
      auths: {
        'a.example.com': { username: 'x', password: 'x', auth: btoa('u:p\0') },
        'b.example.com': {},
        'c.example.com': null,
        'd.example.com': { identitytoken: 'idt' },
        'e.example.com': { auth: btoa(':nouser') },
        'f.example.com': { auth: 'dTpwYQ' },
      },
    })
    const match = compilePullSecrets([config])
    const found = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => match(`${name}.example.com/x`)[0]?.credentials)
    expect(found).toEqual([
      { username: 'u', password: 'p\0' },
      { username: '', password: '' },
      { username: '', password: '' },
      { username: '', password: '' },
      { username: '', password: 'nouser' },
      { username: 'u', password: 'pa' },
    ])
  })

  it('refuses all secrets when an entry of one is broken, as kubelet does', () => {
    const broken = parseDockerConfig({ auths: { 'other.example.com': { auth: 'hunter2!' } } })
    expect(errorOf(() => matchPullSecrets([secret('r.example.com'), broken], 'r.example.com/x'))).toMatchObject({
      code: 'ERR_PULL_SECRET_INVALID',
      message:
        'pull secret 1: auth of auths["other.example.com"] is not base64: position 7 has a character outside of the alphabet',
      hint: 'Make the secret anew. As long as it is like this, kubelet refuses all pull secrets of the pod.',
    })
  })

  it('names the port in its reason', () => {
    expect(matchPullSecrets([secret('r.example.com:5000')], 'r.example.com:5000/x')).toMatchObject([
      { reason: 'the host is "r.example.com:5000"' },
    ])
  })

  it('is printed without user info in a key', () => {
    const [match] = matchPullSecrets(
      [parseDockerConfig({ auths: { 'u:hunter2@r.example.com': {} } })],
      'r.example.com/x',
    )
    expect(match).toMatchObject({ key: 'u:hunter2@r.example.com' })
    expect(inspect(match)).toContain("key: '***@r.example.com'")
  })

  it('matches a name without a registry by its first part', () => {
    expect(matchPullSecrets([secret('my_reg.com')], 'my_reg.com/app')).toHaveLength(1)
    expect(matchPullSecrets([secret('other_reg.com')], 'my_reg.com/app')).toEqual([])
  })

  it('finds a key once, however many are longer', () => {
    const keys = ['r.example.com/team', 'r.example.com/team/app', 'r.example.com/team/app/more']
    expect(matchPullSecrets([secret(...keys)], 'r.example.com/team')).toHaveLength(1)
    expect(matchPullSecrets([secret(...keys)], 'r.example.com/team/app')).toHaveLength(2)
  })

  it('refuses an image name that is none', () => {
    expect(errorOf(() => matchPullSecrets([], 'Bad/Image'))).toMatchObject({ code: 'ERR_IMAGE_REFERENCE' })
  })

  it('matches nothing with an image whose host is no URL’s', () => {
    expect(matchPullSecrets([secret('*', '*:5000')], '[1:2]:5000/x')).toEqual([])
    expect(matchPullSecrets([secret('*', '*:5000')], '[::2]:5000/x')).toHaveLength(1)
  })

  it('finds among many what it finds among few', () => {
    const keys = fc.constantFrom(
      '',
      '/',
      '/v1/',
      '/v2/',
      '/team',
      '/team/',
      '/t',
      '/te*',
      '/team/app',
      '/TEAM',
      '?x',
      '#y',
      '/%74eam',
    )
    const label = fc.constantFrom('a', 'b', 'ab', '*', 'a*', '*b', '*a*', 'a*b', 'A')
    const host = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'))
    const port = fc.constantFrom('', ':', ':5000', ':443', ':*')
    const key = fc
      .tuple(fc.constantFrom('', 'https://', 'http://', 'HTTPS://', 'u@'), host, port, keys)
      .map((parts) => parts.join(''))
    const image = fc
      .tuple(
        fc.array(fc.constantFrom('a', 'b', 'ab', 'aab', 'A'), { minLength: 2, maxLength: 3 }),
        fc.constantFrom('', ':5000', ':443'),
        fc.constantFrom('team', 'team/app', 'teamwork/x', 't/e'),
      )
      .map(([labels, portOf, path]) => `${labels.join('.')}${portOf}/${path}`)
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 40 }), image, (all, name) => {
        const found = matchPullSecrets([secret(...all)], name).map((match) => match.key)
        expect(found).toEqual(naiveMatches(all, name))
      }),
      { numRuns: 2000 },
    )
  })
})

/** kubelet's own way: every key against the image, in order. */
function naiveMatches(keys: readonly string[], image: string): string[] {
  const target = parsePlace(image)
  return keys
    .flatMap((key) => {
      const place = parseKeyringKey(key)
      if (place === undefined || target === undefined) return []
      const matches =
        place.port === target.port && target.path.startsWith(place.path) && matchHost(place.host, target.host)
      return matches ? [{ key, name: place.name }] : []
    })
    .sort((a, b) => (a.name === b.name ? 0 : a.name < b.name ? 1 : -1))
    .map(({ key }) => key)
}

describe('parseKeyringKey', () => {
  it.each([
    ['registry.example.com', 'registry.example.com', '', ''],
    ['https://registry.example.com:5000/v2/', 'registry.example.com', '5000', ''],
    ['http://registry.example.com/v1/team', 'registry.example.com', '', '/team'],
    ['user:pw@registry.example.com?x#y', 'registry.example.com', '', ''],
    ['registry.example.com/a%2Fb', 'registry.example.com', '', '/a/b'],
    ['registry.example.com/a%253F', 'registry.example.com', '', '/a?'],
    ['registry.example.com/a%3Fb', 'registry.example.com', '', '/a'],
    ['[::1]:5000/x', '::1', '5000', '/x'],
    ['registry.example.com:', 'registry.example.com', '', ''],
    ['', '', '', ''],
  ])('reads %j as host %j, port %j, path %j', (key, host, port, path) => {
    expect(parseKeyringKey(key)).toMatchObject({ host, port, path })
  })

  it.each([
    'http://[bad',
    '[r]egistry.example.com',
    'reg[i]stry.example.com',
    '[::1]',
    '[::g]:5000',
    '[::ffff:192.0.2.1]:5000',
    'registry.example.com:*',
    'registry.example.com:80:80',
    'regis try.example.com',
    'registry.example.com\n',
    'registry.example.com/%zz',
    'registry%41.example.com',
    'us er@registry.example.com',
    'registry.example.com#%zz',
    'registry.example.com/%25zz',
  ])('skips %j', (key) => {
    expect(parseKeyringKey(key)).toBeUndefined()
  })
})

describe('matchHost', () => {
  it.each([
    ['*.example.com', 'a.example.com', true],
    ['*.example.com', 'example.com', false],
    ['*.example.com', 'a.b.example.com', false],
    ['a*c.example.com', 'abc.example.com', true],
    ['a*c*e', 'abcde', true],
    ['a*c*e', 'abcd', false],
    ['a*bc', 'abbc', true],
    ['a*bc', 'abcb', false],
    ['**', '', true],
    ['*a', 'b', false],
    ['a', 'A', false],
    [`*${'a'.repeat(251)}`, `b${'a'.repeat(251)}`, true],
    [`*${'a'.repeat(252)}`, `b${'a'.repeat(252)}`, true],
    [`*${'a'.repeat(253)}`, `b${'a'.repeat(253)}`, false],
  ])('%s for %s: %s', (pattern, host, matches) => {
    expect(matchHost(pattern, host)).toBe(matches)
  })
})
