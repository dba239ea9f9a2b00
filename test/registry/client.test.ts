import { getEventListeners } from 'node:events'
import { inspect } from 'node:util'
import { Agent, MockAgent } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createRegistryClient, type RegistryClientOptions } from '../../src/registry/index.js'
import { makeTestImage, startTestRegistry } from '../../src/testing/index.js'
import { startFaultProxy } from '../support/faulty-registry/fault-proxy.js'
import { startWebServer } from '../support/faulty-registry/web-server.js'
import { recordingLogger } from '../support/recording-logger.js'
import { clientWith, failureOf } from './support.js'

describe('createRegistryClient', () => {
  it.each<[object, RegExp]>([
    [{ dispatcher: new MockAgent(), proxy: {} }, /dispatcher/],
    [{ dispatcher: new MockAgent(), ca: [] }, /dispatcher/],
    [{ tokenTtl: -1 }, /tokenTtl/],
    [{ tokenTtl: '1800' }, /tokenTtl/],
    [{ timeout: NaN }, /timeout/],
    [{ retry: { attempts: -1 } }, /retry\.attempts/],
    [{ retry: { delay: '5s' } }, /retry\.delay/],
  ])('has an error for %o', (options, message) => {
    expect(() => createRegistryClient(options as RegistryClientOptions)).toThrow(TypeError)
    expect(() => createRegistryClient(options as RegistryClientOptions)).toThrow(message)
  })

  it.each([
    ['Alpine', 'ERR_IMAGE_REFERENCE'],
    ['localhost:99999/app', 'ERR_IMAGE_REFERENCE'],
  ])('has an error for the image %s', async (image, code) => {
    await using client = createRegistryClient()
    expect(await failureOf(client.resolveDigest(image))).toMatchObject({ code })
    expect(await failureOf(client.checkPull(image))).toMatchObject({ code })
  })

  it('has an error for a registry that is none', async () => {
    await using client = createRegistryClient()
    expect(await failureOf(client.checkCredentials('https://user:pw@host/'))).toMatchObject({ code: 'ERR_SETTINGS' })
  })

  it('leaves a dispatcher that it was given open', async () => {
    await using server = await startWebServer(() => ({ status: 204 }))
    const dispatcher = new Agent()
    onTestFinished(() => dispatcher.close())
    await createRegistryClient({ dispatcher }).close()
    const { statusCode } = await dispatcher.request({ origin: server.origin, path: '/', method: 'GET' })
    expect(statusCode).toBe(204)
  })
})

describe('a client', () => {
  it('lets go of every signal when a call ends', async () => {
    await using registry = await startTestRegistry({ images: { 'acme/app:1.0': makeTestImage() } })
    const [ofClient, ofCall] = [new AbortController().signal, new AbortController().signal]
    await using client = createRegistryClient({ signal: ofClient })
    await client.checkPull(`${registry.host}/acme/app:1.0`, { signal: ofCall })
    await failureOf(client.checkPull(`${registry.host}/acme/app:2.0`, { signal: ofCall }))
    expect([ofClient, ofCall].map((signal) => getEventListeners(signal, 'abort').length)).toEqual([0, 0])
  })
})

describe('a proxy', () => {
  const digest = `sha256:${'a'.repeat(64)}`

  it('is the way to the registry and to its token server, which it resolves the names of', async () => {
    await using proxy = await startWebServer(({ path, authorization }) => {
      if (path === '/token') return { status: 200, body: { token: 'opaque' } }
      const realm = 'Bearer realm="http://auth.test/token"'
      if (authorization === undefined) return { status: 401, headers: { 'www-authenticate': realm } }
      return { status: 200, headers: { 'docker-content-digest': digest } }
    })
    const uri = proxy.origin.replace('//', '//proxyuser:pr0xy@')
    await using client = clientWith({
      proxy: { httpProxy: uri, httpsProxy: uri, ca: [], rejectUnauthorized: true },
      insecure: ['registry.test:5000'],
      credentials: { username: 'puller', password: 'correct horse' },
    })
    expect(await client.resolveDigest('registry.test:5000/acme/app')).toBe(digest)
    expect(proxy.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'CONNECT registry.test:5000',
      'GET /v2/',
      'GET /token',
      'HEAD /v2/acme/app/manifests/latest',
    ])
    const failure = await failureOf(client.resolveDigest('other.test/acme/app'))
    expect(failure).toMatchObject({ code: 'ERR_PROXY' })
    expect(inspect(failure, { depth: 10 })).not.toContain('pr0xy')
  })
})

describe('Docker Hub', () => {
  it('is asked at registry-1.docker.io, with a token from auth.docker.io', async () => {
    const hub = new MockAgent()
    hub.disableNetConnect()
    onTestFinished(() => hub.close())
    const digest = `sha256:${'a'.repeat(64)}`
    const realm = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"'
    const registry = hub.get('https://registry-1.docker.io')
    registry.intercept({ path: '/v2/' }).reply(401, '', { headers: { 'www-authenticate': realm } })
    registry
      .intercept({
        path: '/v2/library/alpine/manifests/3.18',
        method: 'HEAD',
        headers: { authorization: 'Bearer opaque', accept: (accept) => accept.includes('manifest.list.v2+json') },
      })
      .reply(200, '', { headers: { 'docker-content-digest': digest } })
    hub
      .get('https://auth.docker.io')
      .intercept({
        path: '/token?service=registry.docker.io&scope=repository%3Alibrary%2Falpine%3Apull&account=puller',
      })
      .reply(200, { token: 'opaque', expires_in: 300 })
    const asked: string[] = []
    await using client = createRegistryClient({
      dispatcher: hub,
      credentials: ({ registry }) => {
        asked.push(registry)
        return { username: 'puller', password: 'correct horse' }
      },
    })
    expect(await client.resolveDigest('alpine:3.18')).toBe(digest)
    expect(asked).toEqual(['docker.io'])
    hub.assertNoPendingInterceptors()
  })

  it('is Docker Hub by all its names when credentials are checked', async () => {
    const asked: string[] = []
    const dispatcher = new MockAgent()
    dispatcher.disableNetConnect()
    onTestFinished(() => dispatcher.close())
    const client = clientWith({ dispatcher, credentials: ({ registry }) => void asked.push(registry) })
    for (const name of ['docker.io', 'index.docker.io', 'https://index.docker.io/v1/', 'registry-1.docker.io']) {
      await failureOf(client.checkCredentials(name))
    }
    expect(asked).toEqual(['docker.io', 'docker.io', 'docker.io', 'docker.io'])
  })
})

describe('credentials', () => {
  const user = { username: 'puller', password: 'correct horse' }

  it('are asked for by image, and an error of theirs is passed on', async () => {
    await using registry = await startTestRegistry({ user })
    const failure = new Error('the vault is closed')
    await using client = createRegistryClient({ credentials: () => Promise.reject(failure) })
    expect(await failureOf(client.resolveDigest(`${registry.host}/acme/app`))).toBe(failure)
    expect(registry.requests).toEqual([])
  })

  it('are looked for with the namespace that is checked', async () => {
    await using registry = await startTestRegistry({ user })
    const client = createRegistryClient({
      credentials: ({ repository }) => (repository === 'team' ? user : { ...user, password: 'wrong' }),
    })
    onTestFinished(() => client.close())
    expect(await client.checkCredentials(`http://${registry.host}/team/`)).toMatchObject({ authenticated: true })
    expect(await failureOf(client.checkCredentials(registry.host))).toMatchObject({ code: 'ERR_UNAUTHORIZED' })
  })

  it('show in nothing that goes wrong', async () => {
    const canary = 'c4n4ry p@ss/wörd'
    const token = 'c4n4ry-token'
    const forms = [canary, token, encodeURIComponent(canary), Buffer.from(`puller:${canary}`).toString('base64')]
    const logger = recordingLogger()
    // It repeats whatever it gets.
    await using echo = await startWebServer(({ method, path, authorization = '', body, query }) => {
      const words = JSON.stringify({ errors: [{ code: 'DENIED', message: `${authorization} ${body}` }], details: body })
      if (path === '/token') return query.has('fail') ? { status: 401, body: words } : { status: 200, body: { token } }
      const realm = `Bearer realm="${echo.origin}/token${path.includes('fail') ? '?fail' : ''}"`
      const challenge = { status: 401, headers: { 'www-authenticate': [realm, 'Basic realm="r"'] } }
      if (authorization === '' || path.includes('fail')) return challenge
      if (method === 'HEAD' && path.includes('get'))
        return { status: 200, headers: { 'docker-content-digest': `sha256:${'a'.repeat(64)}` } }
      return { status: Number(/(?:get|x)(\d{3})/.exec(path)?.[1] ?? 403), body: words }
    })
    await using basic = await startTestRegistry({ user })
    await using faults = await startFaultProxy({ port: Number(basic.host.split(':')[1]) })
    faults.spoil(/^HEAD/, { kind: 'reset' }, { kind: 'truncate' }, { kind: 'status', status: 500 })
    const failures: unknown[] = []
    const sets = [
      { username: 'puller', password: canary },
      { identityToken: token, username: 'puller' },
      { registryToken: token },
    ]
    for (const credentials of sets) {
      await using client = clientWith({ credentials, retry: { attempts: 0 }, logger, insecure: true })
      const names = ['x401', 'x403', 'x429', 'get401', 'get403', 'get404', 'get500', 'fail'].map(
        (name) => `${echo.host}/acme/${name}`,
      )
      for (const name of [
        ...names,
        ...['a', 'b', 'c'].map((tag) => `${faults.host}/acme/app:${tag}`),
        '127.0.0.1:1/x',
      ]) {
        failures.push(await failureOf(client.checkPull(name)))
      }
      failures.push(await failureOf(client.checkCredentials(basic.host)))
      failures.push(inspect(client, { depth: 10, showHidden: true }))
    }
    expect(failures.length).toBeGreaterThan(30)
    const everything = inspect([failures, logger.lines], {
      depth: 20,
      maxStringLength: null,
      maxArrayLength: null,
      showHidden: true,
    })
    for (const form of forms) expect(everything).not.toContain(form)
    expect(everything).toContain('***')
  })
})
