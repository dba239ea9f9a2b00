import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createRegistryClient, type RegistryClientOptions } from '../../src/registry/index.js'
import { makeTestClock, makeTestImage } from '../../src/testing/index.js'
import { type Certificates, makeCertificates } from '../support/certificates.js'
import { basic, type DockerRegistry, pushImage, startDockerRegistry } from '../support/docker-registry.js'
import { pushOverTls } from '../support/faulty-registry/push-over-tls.js'
import { startTokenRegistry, type TokenRegistry } from '../support/faulty-registry/token-registry.js'
import { startWebServer } from '../support/faulty-registry/web-server.js'
import { temporaryFolder } from '../support/processes.js'
import { describeReal } from '../support/real.js'
import { clientWith, everywhereIsHere, failureOf } from './support.js'

const user = { username: 'puller', password: 'correct horse', identityToken: 'battery-staple' }
const credentials = { username: user.username, password: user.password }
const wrong = { ...credentials, password: 'wrong horse' }

/** `HEAD /v2/acme/app/manifests/1.0 200` for every request in the registry's own access log from `start` on. */
async function requestsIn(registry: DockerRegistry, start: number): Promise<string[]> {
  // It writes a line when it has answered, so the last ones may be under way.
  const end = `/end-${randomUUID()}`
  await fetch(`http://${registry.host}${end}`)
  await vi.waitFor(() => expect(registry.log().slice(start)).toContain(`"GET ${end}`))
  const lines = registry
    .log()
    .slice(start)
    .matchAll(/"([A-Z]+) (\S+) HTTP\/1\.\d" (\d+)/g)
  return [...lines]
    .map(([, method, path, status]) => `${method} ${path} ${status}`)
    .filter((line) => !line.includes(end))
}

describeReal('a registry with users (htpasswd)', ['docker-registry', 'htpasswd'], () => {
  const image = makeTestImage()
  let registry: DockerRegistry

  beforeAll(async () => {
    registry = await startDockerRegistry({ user })
    await pushImage(`http://${registry.host}`, 'acme/app:1.0', image, basic(user))
  })
  afterAll(() => registry.stop())

  it('lets the right user pull, and says what the image is', async () => {
    await using client = createRegistryClient({ credentials })
    expect(await client.checkPull(`${registry.host}/acme/app:1.0`)).toEqual({
      image: `${registry.host}/acme/app:1.0`,
      digest: image.index.digest,
      mediaType: image.index.mediaType,
      platforms: ['linux/amd64', 'linux/arm64'],
      source: 'given',
    })
  })

  it('gives the size for one platform, and refuses one that the image is not for', async () => {
    await using client = createRegistryClient({ credentials })
    const [manifest] = image.manifests
    const { config, layers } = JSON.parse(new TextDecoder().decode(manifest!.bytes)) as {
      config: { size: number }
      layers: { size: number }[]
    }
    const name = `${registry.host}/acme/app:1.0`
    const { size } = await client.checkPull(name, { platform: 'linux/amd64' })
    expect(size).toBe(config.size + layers.reduce((sum, layer) => sum + layer.size, 0))
    expect(await client.checkPull(`${registry.host}/acme/app@${manifest!.digest}`)).toMatchObject({
      size,
      platforms: ['linux/amd64'],
    })
    const other = failureOf(client.checkPull(name, { platform: 'windows/amd64' }))
    expect(await other).toMatchObject({
      code: 'ERR_PLATFORM_MISMATCH',
      message: expect.stringContaining('linux/arm64') as string,
    })
    const single = failureOf(
      client.checkPull(`${registry.host}/acme/app@${manifest!.digest}`, { platform: 'linux/arm' }),
    )
    expect(await single).toMatchObject({ code: 'ERR_PLATFORM_MISMATCH' })
  })

  it('is asked as an engine asks: greeting, HEAD, manifest, configuration; and the greeting only once', async () => {
    const start = registry.log().length
    await using client = createRegistryClient({ credentials })
    await client.checkPull(`${registry.host}/acme/app:1.0`, { platform: 'linux/arm64' })
    await client.resolveDigest(`${registry.host}/acme/app:1.0`)
    expect(await requestsIn(registry, start)).toEqual([
      'GET /v2/ 401',
      'HEAD /v2/acme/app/manifests/1.0 200',
      `GET /v2/acme/app/manifests/${image.index.digest} 200`,
      `GET /v2/acme/app/manifests/${image.manifests[1]!.digest} 200`,
      expect.stringMatching(/^GET \/v2\/acme\/app\/blobs\/sha256:[0-9a-f]{64} 200$/) as string,
      'HEAD /v2/acme/app/manifests/1.0 200',
    ])
  })

  it.each<[string, RegistryClientOptions, string, string]>([
    ['no credentials', {}, 'acme/app:1.0', 'ERR_AUTHENTICATION_REQUIRED'],
    ['a wrong password', { credentials: wrong }, 'acme/app:1.0', 'ERR_UNAUTHORIZED'],
    ['an identity token', { credentials: { identityToken: 'x' } }, 'acme/app:1.0', 'ERR_AUTHENTICATION_REQUIRED'],
    ['a tag that is not there', { credentials }, 'acme/app:2.0', 'ERR_IMAGE_NOT_FOUND'],
    ['a repository that is not there', { credentials }, 'acme/nothing', 'ERR_IMAGE_NOT_FOUND'],
    ['a digest that is not there', { credentials }, `acme/app@sha256:${'0'.repeat(64)}`, 'ERR_IMAGE_NOT_FOUND'],
  ])('%s: asks once, and says what is wrong', async (_, options, name, code) => {
    const start = registry.log().length
    await using client = createRegistryClient(options)
    const failure = await failureOf(client.resolveDigest(`${registry.host}/${name}`))
    expect(failure).toMatchObject({ name: 'PullpassError', code, hint: expect.any(String) as string })
    expect(await requestsIn(registry, start)).toHaveLength(2)
  })

  it('checks credentials as docker login does', async () => {
    await using client = createRegistryClient({ credentials })
    expect(await client.checkCredentials(registry.host)).toEqual({
      registry: registry.host,
      authenticated: true,
      source: 'given',
      username: user.username,
    })
    await using other = createRegistryClient({ credentials: wrong })
    expect(await failureOf(other.checkCredentials(registry.host))).toMatchObject({ code: 'ERR_UNAUTHORIZED' })
    await using nobody = createRegistryClient()
    expect(await failureOf(nobody.checkCredentials(registry.host))).toMatchObject({
      code: 'ERR_AUTHENTICATION_REQUIRED',
    })
  })
})

describeReal('a registry over TLS', ['docker-registry', 'openssl'], () => {
  let certificates: Certificates
  let registry: DockerRegistry
  let removeFolder: () => Promise<void>

  beforeAll(async () => {
    const folder = await temporaryFolder()
    removeFolder = () => folder.remove()
    certificates = await makeCertificates(folder.path)
    registry = await startDockerRegistry({ tls: certificates })
    await pushOverTls(`https://localhost:${registry.port}`, certificates.ca, 'acme/app', makeTestImage())
  })
  afterAll(async () => {
    await registry.stop()
    await removeFolder()
  })

  const imageOn = (host: string): string => `${host}/acme/app@${makeTestImage().manifests[0]!.digest}`

  it('is trusted with its authority', async () => {
    await using client = createRegistryClient({ ca: [certificates.ca] })
    expect(await client.checkPull(imageOn(registry.host))).toMatchObject({ platforms: ['linux/amd64'] })
  })

  it('is not trusted without, on loopback neither, and not asked in plain HTTP then', async () => {
    const start = registry.log().length
    const hops: string[] = []
    await using client = clientWith({}, { onHop: ({ url }) => hops.push(url.protocol) })
    const failure = await failureOf(client.checkPull(imageOn(registry.host)))
    expect(failure).toMatchObject({
      code: 'ERR_CERTIFICATE_UNKNOWN_AUTHORITY',
      hint: expect.stringContaining('CA') as string,
    })
    expect(hops).toEqual(['https:'])
    await vi.waitFor(() => expect(registry.log().slice(start)).toMatch(/TLS handshake error/))
  })

  it('is trusted where it is said to be insecure, with a warning at each call', async () => {
    const warnings: object[] = []
    const nothing = (): void => undefined
    const logger = {
      debug: nothing,
      info: nothing,
      error: nothing,
      warn: (fields: object) => void warnings.push(fields),
    }
    await using client = createRegistryClient({ insecure: [registry.host.toUpperCase()], logger })
    await client.checkPull(imageOn(registry.host))
    await client.resolveDigest(imageOn(registry.host))
    expect(warnings).toEqual([{ registry: registry.host }, { registry: registry.host }])
    const other = failureOf(client.checkPull(imageOn(`localhost:${registry.port}`)))
    expect(await other).toMatchObject({ code: 'ERR_CERTIFICATE_UNKNOWN_AUTHORITY' })
  })

  it('has to have a certificate for its name', async () => {
    const dispatcher = everywhereIsHere({ ca: certificates.ca })
    await using client = createRegistryClient({ dispatcher })
    const failure = await failureOf(client.checkPull(imageOn(`registry.test:${registry.port}`)))
    expect(failure).toMatchObject({ code: 'ERR_CERTIFICATE_HOST_MISMATCH' })
  })
})

describeReal('TLS, where it belongs', ['openssl'], () => {
  const found = { status: 200, headers: { 'docker-content-digest': `sha256:${'a'.repeat(64)}` } }
  let authority: string
  let tls: { key: string; cert: string }

  beforeAll(async () => {
    const folder = await temporaryFolder()
    const { ca, keyPath, certPath } = await makeCertificates(folder.path)
    authority = ca
    tls = { key: await readFile(keyPath, 'utf8'), cert: await readFile(certPath, 'utf8') }
    await folder.remove()
  })

  it('a registry with TLS redirects to no plain HTTP', async () => {
    await using plain = await startWebServer(() => found)
    await using secure = await startWebServer(
      ({ path }) => (path === '/v2/' ? { status: 200 } : { status: 307, headers: { location: plain.origin } }),
      { tls },
    )
    await using client = createRegistryClient({ ca: [authority] })
    expect(await failureOf(client.resolveDigest(`${secure.host}/app`))).toMatchObject({ code: 'ERR_REGISTRY_FAULT' })
    expect(plain.requests).toEqual([])
    await using forgiving = createRegistryClient({ insecure: true })
    expect(await forgiving.resolveDigest(`${secure.host}/app`)).toBe(found.headers['docker-content-digest'])
  })

  it('a token server needs a good certificate, unless its host is an insecure registry', async () => {
    await using tokens = await startWebServer(() => ({ status: 200, body: { token: 'opaque' } }), { tls })
    await using registry = await startWebServer(({ authorization }) =>
      authorization === undefined
        ? { status: 401, headers: { 'www-authenticate': `Bearer realm="${tokens.origin}/token"` } }
        : found,
    )
    for (const insecure of [false, [`localhost:${registry.port}`]]) {
      await using client = createRegistryClient({ insecure, retry: { attempts: 0 } })
      for (const host of ['127.0.0.1', 'localhost']) {
        const failure = await failureOf(client.resolveDigest(`${host}:${registry.port}/app`))
        expect(failure).toMatchObject({ code: 'ERR_CERTIFICATE_UNKNOWN_AUTHORITY' })
      }
    }
    expect(tokens.requests).toEqual([])
    for (const options of [{ insecure: [registry.host] }, { ca: [authority] }]) {
      await using client = createRegistryClient(options)
      expect(await client.resolveDigest(`${registry.host}/app`)).toBe(found.headers['docker-content-digest'])
    }
    await using client = createRegistryClient({ ca: [authority] })
    expect(await client.resolveDigest(`localhost:${registry.port}/app`)).toBe(found.headers['docker-content-digest'])
  })

  it('a registry that moves from plain HTTP to TLS is found again', async () => {
    const plain = await startWebServer(() => found)
    await using client = createRegistryClient({ ca: [authority], retry: { attempts: 0 } })
    await client.resolveDigest(`${plain.host}/app`)
    await plain[Symbol.asyncDispose]()
    await using secure = await startWebServer(() => found, { tls, port: plain.port })
    await failureOf(client.resolveDigest(`${secure.host}/app`))
    expect(await client.resolveDigest(`${secure.host}/app`)).toBe(found.headers['docker-content-digest'])
  })
})

describeReal('a registry without TLS', ['docker-registry'], () => {
  let registry: DockerRegistry
  beforeAll(async () => {
    registry = await startDockerRegistry()
    await pushImage(`http://${registry.host}`, 'acme/app:1.0', makeTestImage())
  })
  afterAll(() => registry.stop())

  it.each(['127.0.0.1', 'localhost'])('is found on loopback: %s', async (host) => {
    await using client = createRegistryClient()
    const digest = await client.resolveDigest(`${host}:${registry.port}/acme/app:1.0`)
    expect(digest).toBe(makeTestImage().index.digest)
    expect(await client.checkCredentials(`${host}:${registry.port}`)).toMatchObject({ authenticated: false })
  })

  it('is not asked elsewhere, unless it is said to be insecure', async () => {
    const name = `registry.test:${registry.port}/acme/app:1.0`
    const start = registry.log().length
    const dispatcher = everywhereIsHere()
    await using strict = createRegistryClient({ dispatcher, insecure: ['other.test'] })
    expect(await failureOf(strict.resolveDigest(name))).toMatchObject({ code: 'ERR_PLAIN_HTTP_REGISTRY' })
    expect(await requestsIn(registry, start)).toEqual([])
    for (const insecure of [true, [`registry.test:${registry.port}`]]) {
      await using client = createRegistryClient({ dispatcher, insecure })
      expect(await client.resolveDigest(name)).toBe(makeTestImage().index.digest)
    }
  })
})

describeReal('a registry with token authentication', ['docker-registry', 'openssl'], () => {
  const repositories = Array.from({ length: 4 }, (_, index) => `acme/app-${index}`)
  let real: TokenRegistry
  let image: (repository?: string) => string

  beforeAll(async () => {
    real = await startTokenRegistry(
      user,
      repositories.map((repository) => `${repository}:1.0`),
    )
    image = (repository = repositories[0]!) => `${real.registry.host}/${repository}:1.0`
  })
  afterAll(() => real[Symbol.asyncDispose]())

  function fresh(behaviour: Partial<TokenRegistry['tokenServer']['behaviour']> = {}): TokenRegistry['tokenServer'] {
    const { tokenServer } = real
    tokenServer.forget()
    for (const key of Object.keys(tokenServer.behaviour)) Reflect.deleteProperty(tokenServer.behaviour, key)
    Object.assign(tokenServer.behaviour, behaviour)
    return tokenServer
  }

  it('asks for one token for a hundred calls for one repository', async () => {
    const { log } = fresh({ delay: 50 })
    await using client = createRegistryClient({ credentials })
    const digests = await Promise.all(Array.from({ length: 100 }, () => client.resolveDigest(image())))
    expect(new Set(digests)).toEqual(new Set([real.image.index.digest]))
    expect(log.map(({ method, parameters }) => `${method} ${parameters.toString()}`)).toEqual([
      `GET service=pullpass+tests&scope=repository%3Aacme%2Fapp-0%3Apull&account=puller`,
    ])
  })

  it('keeps tokens by repository and by who asks', async () => {
    const { log } = fresh()
    await using client = createRegistryClient({
      credentials: ({ repository }) =>
        repository === repositories[1] ? { identityToken: user.identityToken } : credentials,
    })
    for (const round of [1, 2]) {
      for (const repository of repositories)
        expect(await client.resolveDigest(image(repository)), `${round}`).toBeTruthy()
    }
    expect(log.map(({ method, parameters }) => `${method} ${parameters.get('scope')}`)).toEqual([
      'GET repository:acme/app-0:pull',
      'POST repository:acme/app-1:pull',
      'GET repository:acme/app-2:pull',
      'GET repository:acme/app-3:pull',
    ])
  })

  it.each([
    ['what the registry says', { expiresIn: 40, tokenTtl: 1800 }],
    ['tokenTtl', { expiresIn: 300, tokenTtl: 40 }],
  ])('keeps a token for as long as %s, and renews it a little early', async (_, { expiresIn, tokenTtl }) => {
    const { log } = fresh({ expiresIn })
    const clock = makeTestClock()
    await using client = clientWith({ credentials, tokenTtl, clock })
    await client.resolveDigest(image())
    clock.advance(34)
    await client.resolveDigest(image())
    expect(log).toHaveLength(1)
    clock.advance(3)
    await client.resolveDigest(image())
    expect(log).toHaveLength(2)
  })

  it('falls back from GET to POST, and from POST to GET', async () => {
    const { log } = fresh({ refuse: { method: 'GET', status: 405 } })
    await using client = createRegistryClient({ credentials })
    await client.resolveDigest(image())
    expect(log.map(({ method, status }) => `${method} ${status}`)).toEqual(['GET 405', 'POST 200'])
    expect(log[1]!.parameters.get('client_id')).toBe('pullpass')
    for (const status of [400, 401, 404, 405]) {
      const again = fresh({ refuse: { method: 'POST', status } })
      await using other = createRegistryClient({
        credentials: { username: 'puller', identityToken: user.identityToken },
      })
      await other.resolveDigest(image())
      expect(again.log.map(({ method, status }) => `${method} ${status}`)).toEqual([`POST ${status}`, 'GET 200'])
    }
  })

  it.each<[string, RegistryClientOptions, object, string, number]>([
    ['nobody', {}, {}, 'ERR_AUTHENTICATION_REQUIRED', 1],
    ['a wrong password', { credentials: wrong }, {}, 'ERR_UNAUTHORIZED', 1],
    ['a wrong identity token', { credentials: { identityToken: 'x' } }, {}, 'ERR_UNAUTHORIZED', 1],
    ['a token with less than was asked for', { credentials }, { grant: '' }, 'ERR_ACCESS_DENIED', 1],
    ['a token for another repository', { credentials }, { grant: 'repository:b:pull' }, 'ERR_ACCESS_DENIED', 1],
    ['a token that is none', { credentials }, { answer: '{"token":"bad"}' }, 'ERR_REGISTRY_FAULT', 1],
    ['a made-up registry token', { credentials: { registryToken: 'made.up.token' } }, {}, 'ERR_UNAUTHORIZED', 0],
    ['an answer without a token', { credentials }, { answer: '{}' }, 'ERR_REGISTRY_FAULT', 1],
    ['an answer that is no JSON', { credentials }, { answer: '<html>' }, 'ERR_REGISTRY_FAULT', 1],
    ['a token with a line break', { credentials }, { answer: '{"token":"a\\nb"}' }, 'ERR_REGISTRY_FAULT', 1],
    ['403', { credentials }, { failures: [403] }, 'ERR_ACCESS_DENIED', 1],
    ['404', { credentials }, { failures: [404, 404] }, 'ERR_REGISTRY_FAULT', 2],
    ['too many', { credentials }, { failures: [429, 429, 429, 429] }, 'ERR_RATE_LIMITED', 4],
    ['faults', { credentials }, { failures: [500, 502, 503, 504] }, 'ERR_REGISTRY_FAULT', 4],
  ])('%s: an error, without asking in circles', async (_, options, behaviour, code, requests) => {
    const { log } = fresh(behaviour)
    const start = real.registry.log().length
    await using client = clientWith(options)
    expect(await failureOf(client.resolveDigest(image()))).toMatchObject({ name: 'PullpassError', code })
    expect(log).toHaveLength(requests)
    expect((await requestsIn(real.registry, start)).length).toBeLessThanOrEqual(2)
  })

  it('gets over faults of the token server that pass', async () => {
    const { log } = fresh({ failures: [503, 429] })
    const clock = makeTestClock()
    await using client = clientWith({ credentials, clock })
    await client.resolveDigest(image())
    expect(log.map(({ status }) => status)).toEqual([503, 429, 200])
    expect(clock.waits).toEqual([5, 10])
  })

  it('checks credentials with a token for nothing in particular', async () => {
    const { log } = fresh()
    await using client = createRegistryClient({ credentials })
    expect(await client.checkCredentials(real.registry.host)).toMatchObject({ authenticated: true })
    expect(log[0]!.parameters.has('scope')).toBe(false)
    await using nobody = createRegistryClient()
    expect(await nobody.checkCredentials(real.registry.host)).toMatchObject({
      authenticated: false,
      source: 'anonymous',
    })
  })
})
