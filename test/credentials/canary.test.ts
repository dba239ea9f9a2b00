import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  credentialChain,
  type Credentials,
  credentialsFrom,
  decodeAuth,
  type DockerConfig,
  dockerConfigJson,
  encodeAuth,
  lintPullSecret,
  lookupDockerConfig,
  matchPullSecrets,
  parseDockerConfig,
  registryAuthHeader,
  settingsCredentials,
} from '../../src/credentials/index.js'
import { errorOf } from './errors.js'

const CANARY = 'c4n4ry-hunter2'
const AUTH = btoa(`user:${CANARY}`)

/** Everything that a log may show of a value. */
function printed(value: unknown): string {
  const options = { depth: Infinity, showHidden: true }
  if (!(value instanceof Error)) return inspect(value, options) + String(value)
  return [
    inspect(value, options),
    value.message,
    value.stack,
    JSON.stringify(value),
    inspect(value.cause, options),
  ].join('\n')
}

function expectNoSecret(text: string): void {
  for (const secret of [CANARY, CANARY.slice(0, 8), AUTH, AUTH.slice(0, 12)]) expect(text).not.toContain(secret)
}

describe('no secret is printed', () => {
  const config = (): DockerConfig =>
    parseDockerConfig({
      auths: {
        'r.example.com': {
          auth: AUTH,
          username: 'user',
          password: CANARY,
          email: 'a@b.c',
          other: CANARY,
          more: { deep: CANARY },
        },
        's.example.com': { identitytoken: CANARY },
        't.example.com': { registrytoken: CANARY },
        [`https://user:${CANARY}@u.example.com/?token=${CANARY}`]: { auth: AUTH },
      },
      credsStore: 'pass',
      HttpHeaders: { Authorization: CANARY },
    })
  const credentials: Credentials = { username: 'user', password: CANARY }

  const values: [string, () => unknown][] = [
    ['decodeAuth', () => decodeAuth(AUTH)],
    ['parseDockerConfig', config],
    ['an entry of it', () => config().auths['r.example.com']],
    ['its auths', () => config().auths],
    [
      'parseDockerConfig of broken entries',
      () => parseDockerConfig({ auths: { 'r.example.com': CANARY, 's.example.com': [CANARY] } }),
    ],
    [
      'dockerConfigJson',
      () => dockerConfigJson({ a: credentials, b: { identityToken: CANARY }, c: { registryToken: CANARY } }),
    ],
    ['lookupDockerConfig of a password', () => lookupDockerConfig(config(), 'r.example.com')],
    ['lookupDockerConfig of an identity token', () => lookupDockerConfig(config(), 's.example.com')],
    ['lookupDockerConfig of a registry token', () => lookupDockerConfig(config(), 't.example.com')],
    ['matchPullSecrets', () => matchPullSecrets([config()], 'r.example.com/x')],
    ['matchPullSecrets with user info in the key', () => matchPullSecrets([config()], 'u.example.com/x')],
    ['lintPullSecret', () => lintPullSecret(config(), 'alpine')],
    [
      'settingsCredentials',
      () =>
        settingsCredentials({
          registry: { server: 'r.example.com', username: 'user', password: CANARY, insecure: false },
        }),
    ],
  ]
  it.each(values)('of what %s returns', (_what, make) => {
    expectNoSecret(printed(make()))
  })

  it('of what a chain resolves', async () => {
    const reference = { registry: 'r.example.com', repository: 'x' }
    for (const given of [credentials, { identityToken: CANARY }, { registryToken: CANARY }]) {
      expectNoSecret(printed(await credentialChain(() => given).resolve(reference)))
      expectNoSecret(printed(await credentialsFrom(given, reference)))
    }
  })

  it('and all of it is there in JSON', () => {
    expect(JSON.stringify(config()).split(CANARY)).toHaveLength(8)
    expect(JSON.stringify(matchPullSecrets([config()], 'r.example.com/x'))).toContain(CANARY)
  })
})

describe('no secret is in an error', () => {
  const entry = (fields: unknown) => (): unknown =>
    lookupDockerConfig(parseDockerConfig({ auths: { 'r.example.com': fields } }), 'r.example.com')
  const failures: [string, () => unknown][] = [
    ['a user name with a colon', () => encodeAuth({ username: `user:${CANARY}`, password: CANARY })],
    ['a password with a NUL', () => encodeAuth({ username: 'user', password: `${CANARY}\0` })],
    ['a password that is no string', () => encodeAuth({ username: 'user', password: [CANARY] as never })],
    ['a registry token with a line break', () => registryAuthHeader({ registryToken: `${CANARY}\n` }, 'r.example.com')],
    ['an identity token with a NUL', () => registryAuthHeader({ identityToken: `${CANARY}\0` }, 'r.example.com')],
    [
      'a password in an empty server',
      () => dockerConfigJson({ [`https:///${CANARY}@`]: { username: 'user', password: CANARY } }),
    ],
    [
      'two passwords for one registry',
      () =>
        dockerConfigJson({
          'docker.io': { username: 'user', password: CANARY },
          'index.docker.io': { username: 'u', password: CANARY },
        }),
    ],
    ['an auth that is not encoded', () => decodeAuth(`user:${CANARY}`)],
    ['an auth without a colon', () => decodeAuth(btoa(CANARY))],
    ['an auth without a user', () => decodeAuth(btoa(`:${CANARY}`))],
    ['an auth that is not UTF-8', () => decodeAuth(btoa(`user:${CANARY}\xff`))],
    ['a file that breaks off', () => parseDockerConfig(`{"auths":{"r.example.com":{"auth":"${AUTH}`)],
    ['a file with a password without quotes', () => parseDockerConfig(`{"password": ${CANARY}}`)],
    ['a file that is a password', () => parseDockerConfig(CANARY)],
    ['a file that is a string', () => parseDockerConfig(JSON.stringify(CANARY))],
    ['auths that are a string', () => parseDockerConfig({ auths: CANARY })],
    ['a helper that is an object', () => parseDockerConfig({ credHelpers: { [`user:${CANARY}@r`]: { CANARY } } })],
    ['an entry that is a string', entry(CANARY)],
    ['an entry with a password and no user', entry({ password: CANARY })],
    ['an entry with a list for a password', entry({ username: 'user', password: [CANARY] })],
    ['an entry whose auth is not encoded', entry({ auth: `user:${CANARY}` })],
    [
      'a pull secret whose auth is not encoded',
      () => matchPullSecrets([parseDockerConfig({ auths: { r: { auth: `user:${CANARY}` } } })], 'alpine'),
    ],
    [
      'a pull secret with user info in a key',
      () => matchPullSecrets([parseDockerConfig({ auths: { [`u:${CANARY}@r`]: CANARY } })], 'alpine'),
    ],
    [
      'settings with user info',
      () =>
        settingsCredentials({
          registry: {
            server: `https://user:${CANARY}@r.example.com`,
            username: 'u',
            password: CANARY,
            insecure: false,
          },
        }),
    ],
  ]
  it.each(failures)('about %s', (_what, fail) => {
    const error = errorOf(fail)
    expect(error).toBeInstanceOf(Error)
    expectNoSecret(printed(error))
  })
})
