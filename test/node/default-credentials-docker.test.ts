import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { answer, type FakeHelpers, fakeHelpers, notFound } from '../support/login/fake-helper.js'
import { auths, HOST, HUB, type Look, SECRET, settings, userOf } from '../support/login/home.js'
import { useHome } from '../support/login/use-home.js'

const { home, asked } = useHome({
  one: answer('helper-one', SECRET),
  two: answer('helper-two', SECRET),
  empty: notFound,
  broken: `echo '${SECRET}'\necho no keychain >&2\nexit 2\n`,
})

describe('DOCKER_AUTH_CONFIG', () => {
  const withAuth = (value: unknown): Look => ({
    env: { DOCKER_AUTH_CONFIG: typeof value === 'string' ? value : JSON.stringify(value) },
  })

  it.each([
    ['no other field', { ...auths('u'), credsStore: 'desktop' }, 'it has the field "credsStore"'],
    [
      'no other field in an entry',
      { auths: { [HOST]: { auth: 'dTpw', username: 'u' } } },
      '["registry.example.com"] has the field "username"',
    ],
    ['no entry without auth, for whichever registry', { auths: { 'ghcr.io': {} } }, 'auths["ghcr.io"] has no auth'],
    [
      'no auth that is not base64',
      { auths: { [HOST]: { auth: SECRET } } },
      'auths["registry.example.com"]: auth is not base64',
    ],
    ['no auth without a user', { auths: { [HOST]: { auth: btoa(`:${SECRET}`) } } }, 'has no user name'],
    ['no auth of another type', { auths: { [HOST]: { auth: [SECRET] } } }, 'is of type object'],
    ['no auths of another type', { auths: [SECRET] }, 'auths is not an object'],
    ['nothing but an object', JSON.stringify(SECRET), 'it is not an object'],
    ['nothing but JSON', `{\n "auths": ${SECRET}`, 'not JSON: line 2, column 11'],
    ['one object, not two', '{"auths":{}} {"auths":{}}', 'not JSON: line 1, column 14'],
  ])('takes %s', async (_what, value, message) => {
    await home.write('.docker/config.json', auths('config.json'))
    const error = await home.failure(withAuth(value))
    expect(error.message).toMatch(/^DOCKER_AUTH_CONFIG: /)
    expect(error.message).toContain(message)
  })

  it.each(['{}', '{"auths":{}}', '{"auths":null}', '  '])('may hold nothing: %j', async (value) => {
    await home.write('.docker/config.json', auths('config.json'))
    expect(userOf(await home.look(withAuth(value)))).toBe('config.json')
  })

  it('means a registry by its exact key, and the trace says when it is only nearly that', async () => {
    const { source, trace } = await home.look(withAuth(auths('u', `https://${HOST}/v1/`)))
    expect(source).toBe('anonymous')
    expect(trace[1]?.detail).toBe(`its key "https://${HOST}/v1/" would have to be "${HOST}"`)
    expect(userOf(await home.look({ ...withAuth(auths('hub', HUB)), image: 'alpine' }))).toBe('hub')
    expect(userOf(await home.look({ ...withAuth(auths('hub', 'docker.io')), image: 'alpine' }))).toBeUndefined()
  })

  it('goes before a helper, which is asked for other registries', async () => {
    await home.write('.docker/config.json', { credsStore: 'two' })
    const value = withAuth(auths('env'))
    expect((await home.look(value)).source).toBe('DOCKER_AUTH_CONFIG')
    expect((await home.look({ ...value, image: 'ghcr.io/x' })).source).toBe('docker-credential-two')
  })
})

describe('helpers and stores of config.json', () => {
  it('with a helper for a host, its inline entries are no fallback', async () => {
    await home.write('.docker/config.json', { ...auths('inline'), credsStore: 'empty' })
    const { source, trace } = await home.look()
    expect(source).toBe('anonymous')
    expect(trace.slice(2, 4)).toEqual([
      {
        source: 'docker-credential-empty',
        outcome: 'nothing',
        asked: HOST,
        detail: `credsStore in ${home.path}/.docker/config.json; it has none`,
      },
      {
        source: home.at('.docker/config.json'),
        outcome: 'nothing',
        asked: HOST,
        detail: 'with credsStore set, its own entries do not count',
      },
    ])
  })

  it('a store that has nothing does not hide what Podman has', async () => {
    await home.write('.docker/config.json', { credsStore: 'empty' })
    await home.write('.config/containers/auth.json', auths('podman'))
    expect(userOf(await home.look())).toBe('podman')
  })

  it('a helper of one host is not asked for another', async () => {
    await home.write('.docker/config.json', { ...auths('inline', 'ghcr.io'), credHelpers: { [HOST]: 'one' } })
    expect(userOf(await home.look())).toBe('helper-one')
    expect(userOf(await home.look({ image: 'ghcr.io/x' }))).toBe('inline')
    const before = await asked()
    expect((await home.look({ image: `${HOST}.evil.net/x` })).source).toBe('anonymous')
    expect(await asked()).toEqual(before)
  })

  it('an empty name takes a host out of the store', async () => {
    await home.write('.docker/config.json', { ...auths('inline'), credHelpers: { [HOST]: '' }, credsStore: 'two' })
    expect(userOf(await home.look())).toBe('inline')
  })

  it('Docker Hub has its own key, and is asked for by it', async () => {
    await home.write('.docker/config.json', { credHelpers: { [HUB]: 'one', 'docker.io': 'two' } })
    const { source, trace } = await home.look({ image: 'alpine' })
    expect(source).toBe('docker-credential-one')
    expect(trace[2]).toMatchObject({ asked: HUB })
    await home.write('.docker/config.json', { ...auths('inline', HUB), credHelpers: { 'docker.io': 'two' } })
    expect(userOf(await home.look({ image: 'alpine' }))).toBe('inline')
  })

  it.each([
    ['desktop', 'docker-credential-desktop is not in PATH', /Docker Desktop.*remove "desktop" from credsStore/],
    [
      'broken',
      'failed with status 2, asked for registry.example.com. It wrote to standard error: no keychain',
      /by hand/,
    ],
    ['../evil', '"../evil" is not the name of a credential helper', /letters, digits/],
  ])('one that fails is an error that says where it is named: %s', async (name, message, hint) => {
    await home.write('.docker/config.json', { ...auths('inline'), credsStore: name })
    const error = await home.failure({})
    expect(error.message).toContain(`credsStore in ${home.path}/.docker/config.json: `)
    expect(error.message).toContain(message)
    expect(error).toHaveProperty('hint', expect.stringMatching(hint))
  })

  it('and no error for a registry that another source knows', async () => {
    await home.write('.docker/config.json', { credsStore: 'desktop' })
    expect(userOf(await home.look({ settings }))).toBe('settings')
  })
})

describe('without anything about credentials in config.json', () => {
  async function platformHelpers(scripts: Record<string, string>): Promise<FakeHelpers> {
    const own = await fakeHelpers(home.path, scripts)
    await writeFile(join(own.path, 'pass'), '#!/bin/sh\n', { mode: 0o755 })
    return own
  }

  it.skipIf(process.platform !== 'linux')('the store of the platform is asked, as Docker does', async () => {
    const { path } = await platformHelpers({ pass: answer('pass', SECRET), secretservice: answer('secret', SECRET) })
    expect(userOf(await home.look({ env: { PATH: path } }))).toBe('pass')
    await home.write('.docker/config.json', { psFormat: 'table' })
    expect(userOf(await home.look({ env: { PATH: path } }))).toBe('pass')
    await rm(join(path, 'pass'))
    expect(userOf(await home.look({ env: { PATH: path } }))).toBe('secret')
    await home.write('.docker/config.json', auths('other', 'other.example.com'))
    expect((await home.look({ env: { PATH: path } })).source).toBe('anonymous')
  })

  it.skipIf(process.platform !== 'linux')('and when it fails, it had nothing: nobody configured it', async () => {
    const { path } = await platformHelpers({ pass: 'echo not initialized >&2\nexit 1\n' })
    const { source, trace } = await home.look({ env: { PATH: path } })
    expect(source).toBe('anonymous')
    expect(trace[3]).toMatchObject({ source: 'docker-credential-pass', outcome: 'nothing' })
    expect(trace[3]?.detail).toMatch(/^Docker's default on this machine; .* status 1, .* not initialized$/)
  })
})
