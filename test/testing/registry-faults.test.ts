import { describe, expect, it, onTestFinished } from 'vitest'
import { createRegistryClient, type RegistryClient, type RegistryClientOptions } from '../../src/registry/index.js'
import {
  makeTestClock,
  makeTestImage,
  startTestRegistry,
  type TestRegistry,
  type TestRegistryFault,
  type TestRegistryOptions,
} from '../../src/testing/index.js'

const image = makeTestImage()
const user = { username: 'ci', password: 's3cr3t-c4n4ry' }

async function start(options: TestRegistryOptions = {}): Promise<{ registry: TestRegistry; name: string }> {
  const registry = await startTestRegistry({ user, images: { 'acme/app:1.0': image }, ...options })
  onTestFinished(() => registry.close())
  return { registry, name: `${registry.host}/acme/app:1.0` }
}

function client(options: RegistryClientOptions = {}): RegistryClient {
  const made = createRegistryClient({ credentials: user, clock: makeTestClock(), ...options })
  onTestFinished(() => made.close())
  return made
}

const impatient = { retry: { attempts: 0 } }

describe('a fault of a test registry', () => {
  it.each<[string, TestRegistryFault]>([
    ['429', { status: 429 }],
    ['503', { status: 503 }],
    ['a reset', { drop: true }],
    ['a cut body', { cut: true }],
    ['a slow answer', { delay: 0.02 }],
  ])('passes, and the client gets over it: %s', async (_, fault) => {
    const { registry, name } = await start()
    registry.fail(fault)
    registry.fail({ path: '/manifests/sha256', ...fault })
    registry.fail({ path: /\/blobs\//, ...fault })
    expect(await client().checkPull(name)).toMatchObject({ digest: image.index.digest })
    const asked = registry.requests.map(({ path }) => path)
    expect(new Set(asked).size).toBe(asked.length - ('delay' in fault ? 0 : 3))
  })

  it('is waited for as long as the registry says, on the clock of the test', async () => {
    const { registry, name } = await start()
    const clock = makeTestClock()
    registry.fail({ path: '/manifests/', status: 429, headers: { 'Retry-After': '7' }, times: 2 })
    await client({ clock }).resolveDigest(name)
    expect(clock.waits).toEqual([7, 7])
    expect(registry.requests.map(({ status }) => status)).toEqual([401, 429, 429, 200])
  })

  it('can be looked at while it is waited for', async () => {
    const { registry, name } = await start()
    const clock = makeTestClock({ hold: true })
    registry.fail({ path: '/manifests/', status: 503, times: 2 })
    const digest = client({ clock, retry: { delay: 10 } }).resolveDigest(name)
    expect(await clock.nextWait()).toBe(10)
    clock.advance(10)
    expect(await clock.nextWait()).toBe(20)
    expect(registry.requests.filter(({ status }) => status === 503)).toHaveLength(2)
    clock.advance(20)
    expect(await digest).toBe(image.index.digest)
  })

  it.each<[string, TestRegistryFault, string]>([
    ['401', { path: '/manifests/', status: 401 }, 'ERR_UNAUTHORIZED'],
    ['403', { path: '/manifests/', status: 403 }, 'ERR_ACCESS_DENIED'],
    ['404', { path: '/manifests/', status: 404 }, 'ERR_IMAGE_NOT_FOUND'],
    ['429', { status: 429 }, 'ERR_RATE_LIMITED'],
    ['500', { status: 500 }, 'ERR_REGISTRY_FAULT'],
    ['a web page', { path: '/v2/', status: 200, body: '<html>', times: Infinity }, 'ERR_REGISTRY_FAULT'],
    ['a reset', { drop: true }, 'ERR_CONNECTION_LOST'],
    ['a cut index', { path: '/manifests/', cut: true }, 'ERR_CONNECTION_LOST'],
    ['a corrupt index', { path: '/manifests/', corrupt: true }, 'ERR_CONTENT_CORRUPT'],
    ['a corrupt configuration', { path: '/blobs/', corrupt: true }, 'ERR_CONTENT_CORRUPT'],
  ])('becomes the error that it is: %s', async (_, fault, code) => {
    const { registry, name } = await start()
    registry.fail(fault)
    await expect(client(impatient).checkPull(name)).rejects.toMatchObject({ code })
  })

  it('can last longer than the client waits', async () => {
    const { registry, name } = await start()
    registry.fail({ delay: Infinity })
    await expect(client({ timeout: 0.2 }).checkPull(name)).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
    expect(registry.requests).toMatchObject([{ path: '/v2/', status: 0 }])
  })

  it('can be one of the token server', async () => {
    const { registry, name } = await start({ auth: 'token' })
    registry.fail({ path: '/token', status: 503 })
    registry.fail({ path: '/token', drop: true })
    expect(await client().resolveDigest(name)).toBe(image.index.digest)
    const token = registry.requests.filter(({ path }) => path === '/token')
    expect(token.map(({ status }) => status)).toEqual([503, 0, 200])
    registry.fail({ path: '/token', status: 403 })
    await expect(client().resolveDigest(name)).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' })
  })

  it('can be a token that was revoked: the client gets another', async () => {
    const { registry, name } = await start({ auth: 'token' })
    const asking = client()
    await asking.resolveDigest(name)
    registry.fail({ path: '/manifests/', status: 401 })
    expect(await asking.resolveDigest(name)).toBe(image.index.digest)
    expect(registry.requests.filter(({ path }) => path === '/token')).toHaveLength(2)
  })

  it('speaks as a registry does, unless it is told what to say', async () => {
    const { registry } = await start()
    const ask = async (method = 'GET'): Promise<[number, string | null, string]> => {
      const response = await fetch(`http://${registry.host}/v2/`, { method })
      return [response.status, response.headers.get('www-authenticate'), await response.text()]
    }
    registry.fail({ status: 401 })
    registry.fail({ status: 429 })
    registry.fail({ status: 599, headers: { 'WWW-Authenticate': 'Basic realm="x"' }, body: 'no' })
    expect(await ask()).toEqual([401, 'Basic realm="pullpass test registry"', expect.stringContaining('UNAUTHORIZED')])
    expect(await ask()).toEqual([429, null, expect.stringContaining('TOOMANYREQUESTS')])
    expect(await ask()).toEqual([599, 'Basic realm="x"', 'no'])
  })

  it('is for the requests that it names, in the order in which it was set', async () => {
    const { registry } = await start({ user: [] })
    const statuses = async (method: string, path: string): Promise<number> =>
      (await fetch(`http://${registry.host}${path}`, { method })).status
    registry.fail({ method: 'HEAD', status: 500 })
    registry.fail({ path: /^\/v2\/$/g, status: 501, times: 2 })
    registry.fail({ path: '/v2/', status: 502, times: Infinity })
    expect(await statuses('GET', '/v2/')).toBe(501)
    expect(await statuses('HEAD', '/v2/')).toBe(500)
    expect(await statuses('GET', '/v2/acme/app/manifests/1.0?ns=v2')).toBe(502)
    expect(await statuses('GET', '/v2/')).toBe(501)
    expect(await statuses('GET', '/v2/')).toBe(502)
    expect(await statuses('GET', '/v2/')).toBe(502)
    expect(await statuses('GET', '/?/v2/')).toBe(404)
  })

  it.each<[string, object]>([
    ['path must be', { path: 7, drop: true }],
    ['method must be', { method: 'get', drop: true }],
    ['times must be', { times: 0, drop: true }],
    ['times must be', { times: 1.5, drop: true }],
    ['delay must be', { delay: -1 }],
    ['delay must be', { delay: '1' }],
    ['status must be', { status: 199 }],
    ['status must be', { status: 600 }],
    ['status must be', { status: '503' }],
    ['headers must be', { status: 503, headers: { 'retry-after': 7 } }],
    ['headers must be', { status: 503, headers: null }],
    ['body must be', { status: 503, body: {} }],
    ['drop must be', { drop: 1 }],
    ['cut and corrupt do not go together', { cut: true, corrupt: true }],
    ['status and drop do not go together', { status: 503, drop: true }],
    ['headers and body go with status', { drop: true, body: 'x' }],
    ['one of status, drop, cut, corrupt and delay', {}],
    ['one of status, drop, cut, corrupt and delay', { drop: false }],
  ])('is refused: %s', async (message, fault) => {
    const { registry } = await start()
    expect(() => registry.fail(fault)).toThrow(TypeError)
    expect(() => registry.fail(fault)).toThrow(message)
  })
})
