import { inspect } from 'node:util'
import { expect, describe, it, onTestFinished } from 'vitest'
import type { CredentialSource } from '../../src/credentials/index.js'
import { createRegistryClient, type RegistryClient } from '../../src/registry/index.js'
import {
  makeTestClock,
  makeTestImage,
  startTestRegistry,
  type TestClock,
  type TestRegistry,
  type TestRegistryOptions,
} from '../../src/testing/index.js'

const image = makeTestImage()
const password = 's3cr3t-c4n4ry'
const identityToken = 'r3fr3sh-c4n4ry'
const user = { username: 'ci', password }

async function tokenRegistry(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const images = { 'acme/app:1.0': image, 'acme/lib:1.0': image }
  const registry = await startTestRegistry({ user, auth: 'token', images, ...options })
  onTestFinished(() => registry.close())
  return registry
}

function client(credentials?: CredentialSource, clock?: TestClock): RegistryClient {
  const made = createRegistryClient({ credentials, clock, retry: { attempts: 0 } })
  onTestFinished(() => made.close())
  return made
}

const tokenRequests = ({ requests }: TestRegistry): unknown[] => requests.filter(({ path }) => path === '/token')

function get(registry: TestRegistry, path: string, authorization?: string): Promise<Response> {
  return fetch(`http://${registry.host}${path}`, { headers: authorization === undefined ? {} : { authorization } })
}

const basic = (secret: string): string => `Basic ${Buffer.from(`ci:${secret}`).toString('base64')}`

describe('a test registry with tokens', () => {
  it('gives one to user and password, for the repository', async () => {
    const registry = await tokenRegistry()
    expect(await client(user).checkPull(`${registry.host}/acme/app:1.0`)).toMatchObject({ digest: image.index.digest })
    const scope = 'repository:acme/app:pull'
    expect(tokenRequests(registry)).toEqual([
      { method: 'GET', path: '/token', status: 200, authenticated: true, scope },
    ])
    expect(inspect(registry.requests) + JSON.stringify(registry)).not.toContain(password)
  })

  it('gives one to an identity token, by POST', async () => {
    const registry = await tokenRegistry({ user: { ...user, identityToken } })
    await client({ identityToken }).checkPull(`${registry.host}/acme/app:1.0`)
    expect(tokenRequests(registry)).toMatchObject([{ method: 'POST', status: 200, authenticated: true }])
    expect(inspect(registry.requests)).not.toContain(identityToken)
    await expect(client({ identityToken: 'another' }).checkPull(`${registry.host}/acme/app:1.0`)).rejects.toMatchObject(
      { code: 'ERR_UNAUTHORIZED' },
    )
  })

  it('takes an identity token as a password, too, as Azure does', async () => {
    const registry = await tokenRegistry({ user: { ...user, identityToken } })
    await client({ username: 'ci', password: identityToken }).checkPull(`${registry.host}/acme/app:1.0`)
    expect(tokenRequests(registry)).toMatchObject([{ method: 'GET', status: 200 }])
  })

  it('gives an identity token to who asks for one, and has one', async () => {
    const registry = await tokenRegistry({ user: { ...user, identityToken } })
    const asked = await get(registry, '/token?offline_token=true', basic(password))
    expect(await asked.json()).toMatchObject({ refresh_token: identityToken, expires_in: 300 })
    const form = new URLSearchParams({ grant_type: 'password', ...user, access_type: 'offline' })
    const posted = await fetch(`http://${registry.host}/token`, { method: 'POST', body: form })
    expect(await posted.json()).toMatchObject({ refresh_token: identityToken })
    expect(await (await get(registry, '/token', basic(password))).json()).not.toHaveProperty('refresh_token')
  })

  it('refuses what is wrong', async () => {
    const registry = await tokenRegistry()
    const wrong = { ...user, password: 'wrong' }
    await expect(client(wrong).checkPull(`${registry.host}/acme/app:1.0`)).rejects.toMatchObject({
      code: 'ERR_UNAUTHORIZED',
    })
    const form = new URLSearchParams({ grant_type: 'password', ...wrong })
    const posted = await fetch(`http://${registry.host}/token`, { method: 'POST', body: form })
    expect(posted.status).toBe(401)
    expect((await fetch(`http://${registry.host}/token`, { method: 'PUT' })).status).toBe(405)
  })

  it('gives nobody a token that is good for nothing', async () => {
    const registry = await tokenRegistry()
    await expect(client().checkPull(`${registry.host}/acme/app:1.0`)).rejects.toMatchObject({
      code: 'ERR_AUTHENTICATION_REQUIRED',
    })
    expect(tokenRequests(registry)).toMatchObject([{ status: 200, authenticated: false }])
  })

  it('gives everybody a token that is good, where there are no users', async () => {
    const registry = await tokenRegistry({ user: [] })
    expect(await client().checkPull(`${registry.host}/acme/app:1.0`)).toMatchObject({ source: 'anonymous' })
  })

  it('lets users pull from their repositories alone', async () => {
    const other = { username: 'other', password: 'x' }
    const registry = await tokenRegistry({ user: [{ ...user, repositories: ['acme/app'] }, other] })
    await client(user).checkPull(`${registry.host}/acme/app:1.0`)
    await client(other).checkPull(`${registry.host}/acme/lib:1.0`)
    const refused = client(user).checkPull(`${registry.host}/acme/lib:1.0`)
    await expect(refused).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' })
    const last = registry.requests.at(-1)
    expect(last).toMatchObject({ path: '/v2/acme/lib/manifests/1.0', status: 401, authenticated: true })
  })

  it('says what it wants of a token', async () => {
    const registry = await tokenRegistry()
    const challenge = `Bearer realm="http://${registry.host}/token",service="pullpass test registry"`
    const manifest = '/v2/acme/app/manifests/1.0'
    const scope = 'scope="repository:acme/app:pull"'
    const challengeOf = async (path: string, authorization?: string): Promise<string | null> => {
      const response = await get(registry, path, authorization)
      expect(response.status).toBe(401)
      return response.headers.get('www-authenticate')
    }
    const answer = await get(registry, '/token?scope=repository:acme/lib:pull,push', basic(password))
    const { token } = (await answer.json()) as { token: string }
    expect(await challengeOf('/v2/')).toBe(challenge)
    expect(await challengeOf(manifest)).toBe(`${challenge},${scope}`)
    expect(await challengeOf(manifest, 'Bearer x')).toBe(`${challenge},${scope},error="invalid_token"`)
    expect(await challengeOf(manifest, basic(password))).toBe(`${challenge},${scope},error="invalid_token"`)
    expect(await challengeOf(manifest, `Bearer ${token}`)).toBe(`${challenge},${scope},error="insufficient_scope"`)
    expect((await get(registry, '/v2/acme/lib/manifests/1.0', `Bearer ${token}`)).status).toBe(200)
  })

  it('gives tokens that the client renews a little before they expire', async () => {
    const clock = makeTestClock()
    const registry = await tokenRegistry({ tokenLifetime: 100, clock })
    const asking = client(user, clock)
    const name = `${registry.host}/acme/app:1.0`
    await asking.resolveDigest(name)
    clock.advance(89)
    await asking.resolveDigest(name)
    expect(tokenRequests(registry)).toHaveLength(1)
    clock.advance(2)
    await asking.resolveDigest(name)
    expect(tokenRequests(registry)).toHaveLength(2)
  })

  it('takes no token that has expired: one is fetched anew', async () => {
    const clock = makeTestClock()
    const registry = await tokenRegistry({ tokenLifetime: 100, clock })
    // In its own time, nothing expires.
    const asking = client(user)
    await asking.resolveDigest(`${registry.host}/acme/app:1.0`)
    clock.advance(100)
    await asking.resolveDigest(`${registry.host}/acme/app:1.0`)
    expect(registry.requests.map(({ path, status }) => `${path} ${status}`).slice(-3)).toEqual([
      '/v2/acme/app/manifests/1.0 401',
      '/token 200',
      '/v2/acme/app/manifests/1.0 200',
    ])
  })
})

describe('a test registry with Basic authentication', () => {
  it('lets users pull from their repositories alone', async () => {
    const registry = await tokenRegistry({ auth: 'basic', user: [{ ...user, repositories: ['acme/app'] }] })
    await client(user).checkPull(`${registry.host}/acme/app:1.0`)
    await expect(client(user).checkPull(`${registry.host}/acme/lib:1.0`)).rejects.toMatchObject({
      code: 'ERR_ACCESS_DENIED',
    })
    expect((await get(registry, '/token', basic(password))).status).toBe(404)
  })
})

describe('startTestRegistry', () => {
  it.each<[string, object]>([
    ['user', { user: { username: 'ci' } }],
    ['user', { user: [user, null] }],
    ['auth', { auth: 'digest' }],
    ['tokenLifetime', { tokenLifetime: 0 }],
  ])('refuses an unfit %s', async (name, options) => {
    const failure = startTestRegistry(options)
    await expect(failure).rejects.toThrow(TypeError)
    await expect(failure).rejects.toThrow(name)
  })
})
