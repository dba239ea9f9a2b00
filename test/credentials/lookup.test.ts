import { describe, expect, it } from 'vitest'
import { type Credentials, lookupDockerConfig, parseDockerConfig } from '../../src/credentials/index.js'
import { keyHostname } from '../../src/credentials/lookup.js'
import { errorOf } from './errors.js'
import { readVectors } from './vectors.js'

interface LookUpRecord {
  readonly config: { readonly auths: Readonly<Record<string, Readonly<Record<string, string>>>> }
  readonly lookups:
    | readonly {
        readonly registry: string
        readonly username?: string
        readonly password?: string
        readonly identityToken?: string
        readonly ambiguous?: boolean
      }[]
    | null
  readonly error?: string
}

const records = readVectors('docker-config-lookups') as LookUpRecord[]

describe('lookupDockerConfig finds what docker CLI finds', () => {
  it('in every recorded look-up', () => {
    let compared = 0
    for (const { config, lookups } of records) {
      for (const { registry, ambiguous, username, password, identityToken } of lookups ?? []) {
        if (ambiguous === true) continue
        expect({ registry, found: lookupDockerConfig(parseDockerConfig(config), registry) }).toEqual({
          registry,
          found: expectedCredentials(username, password, identityToken),
        })
        compared++
      }
    }
    expect(compared).toBeGreaterThan(2000)
  })

  it('and one of what it may find where that depends on the order of a map', () => {
    let compared = 0
    for (const { config, lookups } of records) {
      for (const { registry, ambiguous } of lookups ?? []) {
        if (ambiguous !== true) continue
        const candidates = Object.entries(config.auths)
          .filter(([key]) => keyHostname(key) === registry)
          .map(([key, entry]) => lookupDockerConfig(parseDockerConfig({ auths: { [key]: entry } }), registry))
        expect(candidates.length).toBeGreaterThan(1)
        expect(candidates).toContainEqual(lookupDockerConfig(parseDockerConfig(config), registry))
        compared++
      }
    }
    expect(compared).toBeGreaterThan(20)
  })

  it('and refuses an entry for which it refuses the file, but only that entry', () => {
    let refused = 0
    for (const { config, error } of records) {
      if (error === undefined) continue
      const parsed = parseDockerConfig(config)
      const outcomes = Object.keys(config.auths).map((key) => {
        try {
          return lookupDockerConfig(parsed, key)
        } catch (error) {
          return error
        }
      })
      const errors = outcomes.filter((outcome) => outcome instanceof Error)
      // Nobody comes to an entry under `docker.io`, since that is looked up as Docker Hub's key.
      if ('docker.io' in config.auths && errors.length === 0) continue
      expect(errors).toEqual([expect.objectContaining({ code: 'ERR_CREDENTIALS' })])
      refused++
    }
    expect(refused).toBeGreaterThan(5)
  })
})

function expectedCredentials(username = '', password = '', identityToken = ''): Credentials | undefined {
  if (identityToken !== '') return { identityToken, ...(username === '' ? {} : { username }) }
  return username === '' && password === '' ? undefined : { username, password }
}

describe('keyHostname', () => {
  const hostnames = readVectors('server-key-hostnames') as { key: string; hostname: string }[]
  it.each(hostnames.map(({ key, hostname }) => [key, hostname] as const))(
    'takes %j to be for %j, as docker CLI does',
    (key, hostname) => {
      expect(keyHostname(key)).toBe(hostname)
    },
  )

  it.each([
    ['https://registry.example.com:/v2/', 'registry.example.com'],
    ['https://[::1]/', '::1'],
    ['https://[fe80::1%25eth0]:5000/', '[fe80::1%eth0]:5000'],
    ['://registry.example.com', ':'],
    ['//registry.example.com/x', ''],
    ['1http://registry.example.com', '1http:'],
    ['registry.example.com/a://b', 'registry.example.com'],
    ['localhost:5000/a://b', 'localhost:5000'],
    ['//registry.example.com/a://b', 'registry.example.com'],
    ['///registry.example.com/a://b', ''],
    ['https://reg istry/', 'https:'],
    ['https://registry:port/', 'https:'],
    ['https://registry/%zz', 'https:'],
    ['https://registry?x=1#y', 'registry'],
    ['https://a@b@registry/', 'registry'],
    ['https://a b@registry/', 'https:'],
  ])('reads %j as %j', (key, hostname) => {
    expect(keyHostname(key)).toBe(hostname)
  })
})

describe('lookupDockerConfig', () => {
  const entry = (user: string): { auth: string } => ({ auth: btoa(`${user}:p`) })
  const userFor = (auths: object, registry: string): string | undefined => {
    const found = lookupDockerConfig(parseDockerConfig({ auths }), registry)
    return found !== undefined && 'username' in found ? found.username : undefined
  }

  it('prefers the exact key, then one that holds something, then https, then the shortest, then the first', () => {
    const host = 'r.example.com'
    const keys = [
      host,
      `https://${host}`,
      `https://${host}/`,
      `https://${host}/a`,
      `http://${host}`,
      `${host}/zzz/long/path`,
    ]
    for (let skip = 0; skip < keys.length; skip++) {
      const present = keys.slice(skip).reverse()
      const auths = Object.fromEntries(present.map((key) => [key, { username: key, password: 'p' }]))
      expect(userFor(auths, host)).toBe(keys[skip])
    }
    expect(userFor({ [`https://${host}`]: {}, [`http://${host}`]: entry('full') }, host)).toBe('full')
    expect(userFor({ [`${host}/b`]: entry('b'), [`${host}/a`]: entry('a') }, host)).toBe('a')
    expect(userFor({ [`${host}/a`]: entry('a'), [`${host}/b`]: entry('b') }, host)).toBe('a')
    expect(() => userFor({ [`https://${host}`]: 5, [`http://${host}`]: entry('full') }, host)).toThrow('is a number')
  })

  it.each(['docker.io', 'index.docker.io'])('looks %s up as Docker does', (registry) => {
    const auths = { [registry]: entry('other'), 'https://index.docker.io/v1/': entry('hub') }
    expect(userFor(auths, registry)).toBe('hub')
  })

  it('takes an exact key although its entry is empty', () => {
    expect(userFor({ 'r.example.com': {}, 'https://r.example.com': entry('other') }, 'r.example.com')).toBeUndefined()
  })

  it.each([
    'registry.example.com.evil.net',
    'registry.example.com:5000',
    'evil-registry.example.com',
    'REGISTRY.example.com',
    'example.com',
  ])('has nothing for %s', (registry) => {
    expect(
      userFor({ 'https://registry.example.com': entry('u'), 'registry.example.com': entry('u') }, registry),
    ).toBeUndefined()
  })

  it('takes tokens before passwords, as the engine does', () => {
    const config = parseDockerConfig({
      auths: {
        'a.example.com': { ...entry('u'), identitytoken: 'idt', registrytoken: 'rt' },
        'b.example.com': { ...entry('u'), identitytoken: 'idt' },
        'c.example.com': { identitytoken: 'idt' },
      },
    })
    expect(lookupDockerConfig(config, 'a.example.com')).toEqual({ registryToken: 'rt' })
    expect(lookupDockerConfig(config, 'b.example.com')).toEqual({ identityToken: 'idt', username: 'u' })
    expect(lookupDockerConfig(config, 'c.example.com')).toEqual({ identityToken: 'idt' })
  })

  it('takes null for empty, and auth before user name and password', () => {
    const auths = {
      'a.example.com': null,
      'b.example.com': { username: 'other', password: 'x', auth: btoa('u:p') },
      'c.example.com': { username: 'u', auth: '' },
      'd.example.com': { username: 'u', password: 'p', auth: null },
    }
    expect(userFor(auths, 'a.example.com')).toBeUndefined()
    expect(userFor(auths, 'b.example.com')).toBe('u')
    expect(userFor(auths, 'c.example.com')).toBe('u')
    expect(userFor(auths, 'd.example.com')).toBe('u')
    expect(lookupDockerConfig({ auths: { r: undefined as never } }, 'r')).toBeUndefined()
  })

  it.each([
    ['text', 'auths["r"] is a string, expected an object'],
    [['list'], 'auths["r"] is a list, expected an object'],
    [{ auth: 1 }, 'auth of auths["r"] is a number, expected a string'],
    [{ username: 'u', password: {} }, 'password of auths["r"] is an object, expected a string'],
    [{ password: 'p' }, 'auths["r"] has a password and no username'],
    [{ auth: '!' }, 'auth of auths["r"] is not base64: position 0 has a character outside of the alphabet'],
  ])('refuses the entry %j', (broken, message) => {
    expect(errorOf(() => lookupDockerConfig(parseDockerConfig({ auths: { r: broken } }), 'r'))).toMatchObject({
      code: 'ERR_CREDENTIALS',
      message,
    })
  })

  it('says what to do about a password without a user', () => {
    expect(
      errorOf(() => lookupDockerConfig(parseDockerConfig({ auths: { r: { password: 'p' } } }), 'r')),
    ).toMatchObject({
      hint: 'Run docker login for this registry again.',
    })
  })

  it.each([
    ['user:hunter2@r.example.com', '***@r.example.com'],
    ['u@r.example.com', '***@r.example.com'],
    ['r.example.com?hunter2', 'r.example.com?***'],
    ['r'.repeat(200), 'r'.repeat(200)],
    ['r'.repeat(201), `${'r'.repeat(200)}…`],
  ])('shows the key %s as %s in an error', (key, shown) => {
    expect(errorOf(() => lookupDockerConfig(parseDockerConfig({ auths: { [key]: 5 } }), key))).toMatchObject({
      message: `auths["${shown}"] is a number, expected an object`,
    })
  })

  it('does not show user info of a key in an error', () => {
    const config = parseDockerConfig({ auths: { 'https://user:hunter2@r.example.com/?token=hunter2': { auth: '!' } } })
    expect(errorOf(() => lookupDockerConfig(config, 'r.example.com'))).toMatchObject({
      message: expect.stringContaining('auths["https://***@r.example.com/?***"]') as string,
    })
  })
})
