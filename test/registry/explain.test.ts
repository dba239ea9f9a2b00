import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { explainPull, formatExplanation, type PullExplanation } from '../../src/registry/index.js'
import type { Settings } from '../../src/settings/index.js'
import { makeTestImage, startTestRegistry, type TestRegistry } from '../../src/testing/index.js'
import { startWebServer } from '../support/faulty-registry/web-server.js'
import { freePort, temporaryFolder } from '../support/processes.js'

const user = { username: 'puller', password: 'correct horse' }
const image = makeTestImage()
const base: Settings = { retry: { attempts: 3, delay: 5 }, tokenTtl: 1800, warnings: [] }

let registry: TestRegistry
let home: string
let env: Record<string, string>

beforeAll(async () => {
  registry = await startTestRegistry({ user, images: { 'acme/app:1.0': image } })
  const folder = await temporaryFolder()
  home = folder.path
  env = { HOME: home }
  return () => folder.remove()
})
afterAll(() => registry.close())

const settingsFor = (server: string, more: object = user): Settings => ({
  ...base,
  registry: { server, insecure: false, ...more },
})

/** Without what differs from run to run. */
// OpenSSL adds where in its source it noticed.
const textOf = (explanation: PullExplanation): string =>
  formatExplanation(explanation)
    .replaceAll(/(127\.0\.0\.1|localhost):\d+/g, '$1:PORT')
    .replaceAll(home, '~')
    .replace(/wrong version number.*/, 'wrong version number')
    .replace(/[0-9A-F]{16}:error/, 'error')
    // OpenSSL's words, which differ from one Node to the next.
    .replace(/SSL routines:\w+:/, 'SSL routines:')

describe('explainPull', () => {
  it('tells the way of a pull that works', async () => {
    const explanation = await explainPull('acme/app:1.0', { settings: settingsFor(registry.host), env })
    expect(explanation).toMatchObject({
      image: { given: 'acme/app:1.0', resolved: `${registry.host}/acme/app:1.0` },
      credentials: { source: 'settings', found: "user 'puller'" },
      verdict: { pullable: true, digest: image.index.digest, platforms: ['linux/amd64', 'linux/arm64'] },
    })
    expect(explanation.routes.map(({ to, kind, tls }) => [to, kind, tls.encrypted])).toEqual([
      ['registry', 'direct', true],
      ['registry', 'direct', false],
    ])
    expect(
      explanation.exchange.map(({ method, offered, status, failure }) => [method, offered, status ?? failure?.code]),
    ).toEqual([
      ['GET', 'nothing', 'ERR_PLAIN_HTTP_REGISTRY'],
      ['GET', 'nothing', 401],
      ['HEAD', 'user and password', 200],
      ['GET', 'user and password', 200],
      ['GET', 'user and password', 200],
      ['GET', 'user and password', 200],
    ])
  })

  it('tells it in words', async () => {
    const explanation = await explainPull('acme/app:2.0', { settings: settingsFor(registry.host), env })
    expect(textOf(explanation)).toMatchInlineSnapshot(`
      "Image        acme/app:2.0
                   -> 127.0.0.1:PORT/acme/app:2.0
                   The name says no registry, so the configured one, 127.0.0.1:PORT, goes in front.

      Credentials  user 'puller', from settings
                   settings: found user 'puller' for 127.0.0.1:PORT
                   DOCKER_AUTH_CONFIG: not asked
                   ~/.docker/config.json: not asked
                   REGISTRY_AUTH_FILE: not asked
                   $XDG_RUNTIME_DIR/containers/auth.json: not asked
                   ~/.config/containers/auth.json: not asked
                   ~/.dockercfg: not asked

      Routes       registry: https://127.0.0.1:PORT
                     directly: no proxy is configured
                     TLS, verified by the default certificate authorities
                   registry: http://127.0.0.1:PORT
                     directly: no proxy is configured
                     plain HTTP, not encrypted

      Exchange     1. GET https://127.0.0.1:PORT/v2/
                      with nothing -> no answer (ERR_PLAIN_HTTP_REGISTRY)
                      The registry speaks plain HTTP where HTTPS was expected: error:0A00010B:SSL routines:wrong version number
                   2. GET http://127.0.0.1:PORT/v2/
                      with nothing -> 401
                      asks for Basic realm="pullpass test registry"
                   3. HEAD http://127.0.0.1:PORT/v2/acme/app/manifests/2.0
                      with user and password -> 404

      Verdict      cannot be pulled: ERR_IMAGE_NOT_FOUND
                   127.0.0.1:PORT has no acme/app:2.0

      Remedy       Check the name and the tag. Some registries say this, too, of what the user may not see."
    `)
  })

  it('tells what each source of credentials said, when none knew any', async () => {
    const server = await freePort().then((port) => `127.0.0.1:${port}`)
    await mkdir(join(home, '.docker'), { recursive: true })
    await writeFile(
      join(home, '.docker/config.json'),
      JSON.stringify({ auths: { 'ghcr.io': { auth: btoa('a:b') } } }),
      {
        mode: 0o600,
      },
    )
    const explanation = await explainPull(`${registry.host}/acme/app:1.0`, { settings: settingsFor(server), env })
    expect(explanation.verdict).toMatchObject({ pullable: false, code: 'ERR_AUTHENTICATION_REQUIRED' })
    expect(explanation.credentials).toMatchObject({ source: 'anonymous' })
    expect(explanation.credentials!.trace.map(({ source, outcome }) => [source, outcome])).toContainEqual([
      'settings',
      'nothing',
    ])
    expect(explanation.credentials!.trace.length).toBeGreaterThan(3)
    expect(textOf(explanation)).toContain('none: the pull is anonymous')
  })

  it('tells the hops to a token server and to storage, without their secrets', async () => {
    await using storage = await startWebServer(({ path }) => ({ status: path === '/blob' ? 403 : 200 }))
    await using tokens = await startWebServer(() => ({ status: 200, body: { token: 'opaque-token' } }))
    await using private_ = await startWebServer(({ path, authorization }) => {
      if (authorization === undefined) {
        const header = `Bearer realm="${tokens.origin}/token?key=s3cret",service="s"`
        return { status: 401, headers: { 'www-authenticate': header } }
      }
      if (!path.includes('/blobs/')) return { status: 200, body: manifest }
      return { status: 307, headers: { location: `${storage.origin}/blob?X-Amz-Signature=s3cret` } }
    })
    const manifest = { config: { digest: `sha256:${'c'.repeat(64)}`, size: 1 }, layers: [] }
    const explanation = await explainPull('acme/app', { settings: settingsFor(private_.host), env })
    expect(explanation.verdict).toMatchObject({ pullable: false, code: 'ERR_REGISTRY_FAULT' })
    expect(explanation.routes.map(({ to }) => to)).toEqual(['registry', 'registry', 'token server', 'elsewhere'])
    expect(explanation.exchange.map(({ to, offered, status }) => [to, offered, status])).toEqual([
      ['registry', 'nothing', undefined],
      ['registry', 'nothing', 401],
      ['token server', 'user and password', 200],
      ['registry', 'token', 200],
      ['registry', 'token', 200],
      ['registry', 'token', 200],
      ['registry', 'token', 307],
      ['elsewhere', 'nothing', 403],
    ])
    const text = formatExplanation(explanation)
    expect(text).toContain('service=s&scope=repository:acme/app:pull&account=puller&…')
    for (const secret of ['s3cret', 'opaque-token', user.password, btoa(`puller:${user.password}`)]) {
      expect(text + JSON.stringify(explanation)).not.toContain(secret)
    }
  })

  it('tells when nothing was sent to a hostile token server', async () => {
    await using server = await startWebServer(() => ({
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="http://169.254.169.254/token"' },
    }))
    const explanation = await explainPull('acme/app', { settings: settingsFor(server.host), env })
    expect(explanation.exchange.at(-1)).toMatchObject({
      to: 'token server',
      offered: 'nothing',
      failure: { code: 'ERR_REGISTRY_FAULT' },
    })
    expect(explanation.verdict).toMatchObject({ pullable: false, code: 'ERR_REGISTRY_FAULT' })
  })

  it('tells the proxy, without its password, and what is trusted through it', async () => {
    const port = await freePort()
    const settings: Settings = {
      ...base,
      proxy: {
        httpsProxy: `http://proxyuser:pr0xy@127.0.0.1:${port}`,
        noProxy: 'direct.example',
        ca: [],
        rejectUnauthorized: false,
      },
      warnings: ['https_proxy_reject_unauthorized is false'],
    }
    const explanation = await explainPull('registry.example.com/acme/app', { settings, env })
    expect(explanation.routes).toEqual([
      {
        to: 'registry',
        origin: 'https://registry.example.com',
        kind: 'proxy',
        proxy: `http://127.0.0.1:${port}`,
        tls: { encrypted: true, verified: false, extraAuthorities: 0 },
      },
    ])
    expect(explanation.verdict).toMatchObject({ pullable: false, code: 'ERR_PROXY_UNREACHABLE', retryable: true })
    expect(formatExplanation(explanation)).toContain('https_proxy_reject_unauthorized is false')
    expect(formatExplanation(explanation) + JSON.stringify(explanation)).not.toContain('pr0xy')
  })

  it.each<[string, string, Settings | undefined, string]>([
    ['a name that is none', 'Acme/App:', undefined, 'ERR_IMAGE_REFERENCE'],
    ['a registry that is none', 'acme/app', settingsFor('https://'), 'ERR_SETTINGS'],
    [
      'a user that cannot be',
      'acme/app',
      settingsFor('r.example.com', { username: 'a:b', password: 'c' }),
      'ERR_CREDENTIALS',
    ],
    ['a port that cannot be', 'localhost:99999/acme/app', undefined, 'ERR_IMAGE_REFERENCE'],
  ])('has a verdict for %s', async (_, name, settings, code) => {
    const explanation = await explainPull(name, { settings, env })
    expect(explanation.verdict).toMatchObject({ pullable: false, code, remedy: expect.any(String) as string })
    expect(explanation.exchange).toEqual([])
    expect(formatExplanation(explanation)).toContain(code)
  })

  it('has a verdict for a file of credentials that cannot be read', async () => {
    const broken = join(home, 'broken')
    await mkdir(broken)
    await writeFile(join(broken, 'config.json'), '{ "auths": ', { mode: 0o600 })
    const explanation = await explainPull(`${registry.host}/acme/app:1.0`, { env: { ...env, DOCKER_CONFIG: broken } })
    expect(explanation.verdict).toMatchObject({ pullable: false, code: 'ERR_CREDENTIALS' })
    expect(explanation).not.toHaveProperty('credentials')
  })

  it('takes credentials in the place of those of the machine', async () => {
    const explanation = await explainPull(`${registry.host}/acme/app:1.0`, {
      credentials: user,
      platform: 'linux/arm64',
    })
    expect(explanation.credentials).toMatchObject({ source: 'given', found: "user 'puller'" })
    expect(explanation.verdict).toMatchObject({ pullable: true, size: expect.any(Number) as number })
    expect(formatExplanation(explanation)).toMatch(/\d+ bytes to transfer/)
  })

  it('throws nothing but the reason of its signal', async () => {
    const controller = new AbortController()
    await using server = await startWebServer(() => {
      controller.abort(new Error('enough'))
      return undefined
    })
    const { signal } = controller
    await expect(explainPull(`${server.host}/acme/app`, { env, signal })).rejects.toThrow('enough')
  })

  it.each([
    ['localhost/app', "'localhost', is localhost"],
    ['registry.example.com/app', 'has a dot or a colon'],
    ['Registry/app', 'has a capital letter'],
    ['app', 'none is configured: it is on Docker Hub'],
  ])('tells why %s is where it is', async (name, rule) => {
    const started = await startWebServer(() => ({ status: 404 }))
    onTestFinished(() => started[Symbol.asyncDispose]())
    const explanation = await explainPull(name, { env, timeout: 0.01 })
    expect(explanation.image.rule).toContain(rule)
  })
})
