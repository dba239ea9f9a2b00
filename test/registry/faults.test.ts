import { Agent, buildConnector } from 'undici'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createRegistryClient } from '../../src/registry/index.js'
import { makeTestClock, makeTestImage, startTestRegistry, type TestRegistry } from '../../src/testing/index.js'
import { type Fault, type FaultProxy, startFaultProxy } from '../support/faulty-registry/fault-proxy.js'
import { freePort } from '../support/processes.js'
import { recordingLogger } from '../support/recording-logger.js'
import { clientWith, failureOf } from './support.js'

const user = { username: 'puller', password: 'correct horse' }
const image = makeTestImage()
let registry: TestRegistry

beforeAll(async () => {
  registry = await startTestRegistry({ user, images: { 'acme/app:1.0': image } })
})
afterAll(() => registry.close())

async function faultyRegistry(): Promise<FaultProxy> {
  const proxy = await startFaultProxy({ port: Number(registry.host.split(':')[1]) })
  onTestFinished(() => proxy[Symbol.asyncDispose]())
  return proxy
}

const status = (code: number, headers: Record<string, string> = {}): Fault => ({
  kind: 'status',
  status: code,
  headers,
})

describe('a fault that may pass', () => {
  it.each<[string, Fault]>([
    ['408', status(408)],
    ['429', status(429)],
    ['500', status(500)],
    ['503', status(503)],
    ['a reset', { kind: 'reset' }],
    ['a truncated answer', { kind: 'truncate' }],
    ['a slow answer', { kind: 'slow', milliseconds: 50 }],
  ])('%s: is got over, wherever it happens', async (_, fault) => {
    const proxy = await faultyRegistry()
    for (const match of [/\/v2\/$/, /^HEAD/, /^GET .*manifests/, /blobs/]) proxy.spoil(match, fault)
    await using client = clientWith({ credentials: user })
    expect(await client.checkPull(`${proxy.host}/acme/app:1.0`)).toMatchObject({ digest: image.index.digest })
    const good = ['GET /v2/', 'HEAD manifest', 'GET index', 'GET manifest', 'GET configuration']
    expect(proxy.requests).toHaveLength(good.length + (fault.kind === 'slow' ? 0 : 4))
  })

  it.each<[string, Fault, string]>([
    ['408', status(408), 'ERR_TIMEOUT'],
    ['429', status(429), 'ERR_RATE_LIMITED'],
    ['503', status(503), 'ERR_REGISTRY_FAULT'],
    ['resets', { kind: 'reset' }, 'ERR_CONNECTION_LOST'],
    ['truncated answers', { kind: 'truncate' }, 'ERR_CONNECTION_LOST'],
  ])('%s: is an error when it does not pass, after three more attempts', async (_, fault, code) => {
    const proxy = await faultyRegistry()
    proxy.spoil(/^HEAD/, fault, fault, fault, fault, fault)
    const clock = makeTestClock()
    await using client = clientWith({ credentials: user, clock })
    const failure = await failureOf(client.resolveDigest(`${proxy.host}/acme/app:1.0`))
    expect(failure).toMatchObject({ name: 'PullpassError', code, hint: expect.any(String) as string })
    expect(proxy.requests.filter((line) => line.startsWith('HEAD'))).toHaveLength(4)
    expect(clock.waits).toEqual([5, 10, 20])
  })

  it('is tried as often and as soon as is said', async () => {
    const proxy = await faultyRegistry()
    proxy.spoil(/^HEAD/, status(500), status(500), status(500))
    const clock = makeTestClock()
    await using client = clientWith({ credentials: user, retry: { attempts: 1, delay: 0.5 }, clock })
    expect(await failureOf(client.resolveDigest(`${proxy.host}/acme/app:1.0`))).toMatchObject({
      code: 'ERR_REGISTRY_FAULT',
    })
    expect(clock.waits).toEqual([0.5])
    await using never = clientWith({ credentials: user, retry: { attempts: 0 }, clock })
    await failureOf(never.resolveDigest(`${proxy.host}/acme/app:1.0`))
    expect(clock.waits).toEqual([0.5])
  })

  it('is logged, with the wait', async () => {
    const proxy = await faultyRegistry()
    proxy.spoil(/^HEAD/, status(503), { kind: 'reset' })
    const logger = recordingLogger()
    await using client = clientWith({ credentials: user, logger })
    await client.resolveDigest(`${proxy.host}/acme/app:1.0`)
    const message = 'Waiting before the registry is asked again'
    const url = `http://${proxy.host}/v2/acme/app/manifests/1.0`
    const failure = expect.stringMatching(/^(ECONNRESET|UND_ERR_SOCKET)$/) as string
    expect(logger.lines).toEqual([
      { level: 'debug', fields: { seconds: 5, url, status: 503 }, message },
      { level: 'debug', fields: { seconds: 10, failure }, message },
    ])
  })

  it('that the registry greets with is one, too', async () => {
    const proxy = await faultyRegistry()
    proxy.spoil(/\/v2\/$/, status(503), status(503), status(503), status(503))
    await using client = clientWith({ credentials: user })
    expect(await failureOf(client.resolveDigest(`${proxy.host}/acme/app:1.0`))).toMatchObject({
      code: 'ERR_REGISTRY_FAULT',
    })
    expect(proxy.requests).toEqual(['GET /v2/', 'GET /v2/', 'GET /v2/', 'GET /v2/'])
    expect(await client.resolveDigest(`${proxy.host}/acme/app:1.0`)).toBe(image.index.digest)
  })

  it('does not keep a registry from being found again that has moved from http to another port', async () => {
    const port = await freePort()
    await using client = clientWith({ credentials: user })
    const name = `127.0.0.1:${port}/acme/app:1.0`
    expect(await failureOf(client.resolveDigest(name))).toMatchObject({ code: 'ERR_CONNECTION_REFUSED' })
    const late = await startTestRegistry({ user, port, images: { 'acme/app:1.0': image } })
    onTestFinished(() => late.close())
    expect(await client.resolveDigest(name)).toBe(image.index.digest)
  })
})

describe('Retry-After', () => {
  it.each([
    ['seconds', (): string => '7'],
    ['a date', (now: number): string => new Date(now + 7000).toUTCString()],
  ])('is honoured in %s', async (_, header) => {
    const proxy = await faultyRegistry()
    const clock = makeTestClock()
    proxy.spoil(/^HEAD/, status(429, { 'retry-after': header(clock.now()) }))
    await using client = clientWith({ credentials: user, clock })
    await client.resolveDigest(`${proxy.host}/acme/app:1.0`)
    expect(clock.waits).toHaveLength(1)
    expect(clock.waits[0]).toBeGreaterThan(6)
    expect(clock.waits[0]).toBeLessThan(8)
  })

  it.each(['61', '3600', '99999999999999999999', 'Fri, 31 Dec 2199 23:59:59 GMT'])(
    'is not waited for when it is %s, but told',
    async (header) => {
      const proxy = await faultyRegistry()
      proxy.spoil(/^HEAD/, status(429, { 'retry-after': header }))
      const clock = makeTestClock()
      await using client = clientWith({ credentials: user, clock })
      const failure = await failureOf(client.resolveDigest(`${proxy.host}/acme/app:1.0`))
      expect(failure.code).toBe('ERR_RATE_LIMITED')
      expect(failure.message).toMatch(/asks to wait \d+ s/)
      expect(clock.waits).toEqual([])
    },
  )

  it('that is no time is passed over', async () => {
    const proxy = await faultyRegistry()
    proxy.spoil(/^HEAD/, status(503, { 'retry-after': 'soon' }), status(503, { 'retry-after': '-3' }))
    const clock = makeTestClock()
    await using client = clientWith({ credentials: user, clock })
    await client.resolveDigest(`${proxy.host}/acme/app:1.0`)
    expect(clock.waits).toHaveLength(2)
    expect(clock.waits[0]).toBe(5)
  })
})

describe('what does not pass', () => {
  it.each([400, 401, 403, 404, 405, 410, 418])('a %d is not tried again', async (code) => {
    const proxy = await faultyRegistry()
    proxy.spoil(/manifests/, status(code), status(code), status(code))
    const clock = makeTestClock()
    await using client = clientWith({ credentials: user, clock })
    await failureOf(client.resolveDigest(`${proxy.host}/acme/app:1.0`))
    // HEAD is not for every registry: 405 to that is followed by GET.
    expect(proxy.requests.filter((line) => line.includes('manifests'))).toHaveLength(code === 405 ? 2 : 1)
    expect(clock.waits).toEqual([])
  })

  it.each([
    [403, 'ERR_ACCESS_DENIED'],
    [404, 'ERR_IMAGE_NOT_FOUND'],
    [407, 'ERR_PROXY_AUTHENTICATION_REQUIRED'],
    [418, 'ERR_REGISTRY_FAULT'],
  ])('a %d is %s', async (code, expected) => {
    const proxy = await faultyRegistry()
    proxy.spoil(/manifests/, status(code))
    await using client = clientWith({ credentials: user })
    expect(await failureOf(client.resolveDigest(`${proxy.host}/acme/app:1.0`))).toMatchObject({ code: expected })
  })
})

describe('the end of patience', () => {
  const places: [string, RegExp][] = [
    ['the greeting', /\/v2\/$/],
    ['the manifest', /^HEAD/],
    ['the configuration', /blobs/],
  ]

  it.each(places)('a signal stops the wait for %s at once', async (_, match) => {
    const proxy = await faultyRegistry()
    proxy.spoil(match, { kind: 'hang' })
    await using client = createRegistryClient({ credentials: user })
    const controller = new AbortController()
    const reason = new Error('changed my mind')
    const call = client.checkPull(`${proxy.host}/acme/app:1.0`, { signal: controller.signal })
    void expect
      .poll(() => proxy.requests.some((line) => match.test(line)))
      .toBe(true)
      .then(() => controller.abort(reason))
    expect(await failureOf(call)).toBe(reason)
    expect(await client.resolveDigest(`${proxy.host}/acme/app:1.0`)).toBe(image.index.digest)
  })

  it('a signal stops the wait before another attempt', async () => {
    const proxy = await faultyRegistry()
    proxy.spoil(/^HEAD/, status(503))
    await using client = createRegistryClient({ credentials: user, retry: { delay: 30 } })
    const controller = new AbortController()
    const call = client.resolveDigest(`${proxy.host}/acme/app:1.0`, { signal: controller.signal })
    void expect
      .poll(() => proxy.requests)
      .toHaveLength(2)
      .then(() => controller.abort())
    expect(await failureOf(call)).toMatchObject({ name: 'AbortError' })
  })

  it("a signal stops the wait for somebody else's look-up of credentials", async () => {
    const controller = new AbortController()
    const credentials = (): Promise<undefined> => {
      setImmediate(() => controller.abort())
      return new Promise(() => undefined)
    }
    await using client = createRegistryClient({ credentials })
    const call = client.resolveDigest(`${registry.host}/acme/app:1.0`, { signal: controller.signal })
    expect(await failureOf(call)).toMatchObject({ name: 'AbortError' })
  })

  it("the client's signal stops all calls, and an aborted one lets none begin", async () => {
    const proxy = await faultyRegistry()
    proxy.spoil(/^HEAD/, { kind: 'hang' }, { kind: 'hang' })
    const controller = new AbortController()
    await using client = createRegistryClient({ credentials: user, signal: controller.signal })
    const calls = [1, 2].map(() => failureOf(client.resolveDigest(`${proxy.host}/acme/app:1.0`)))
    await expect.poll(() => proxy.requests).toHaveLength(3)
    controller.abort()
    expect(await Promise.all(calls)).toMatchObject([{ name: 'AbortError' }, { name: 'AbortError' }])
    await failureOf(client.resolveDigest(`${proxy.host}/acme/app:1.0`))
    expect(proxy.requests).toHaveLength(3)
  })

  it('a call stops at once while it waits for a connection', async () => {
    const connect = buildConnector({})
    const controller = new AbortController()
    let isSilent = false
    const agent = new Agent({
      pipelining: 0, // a connection a request
      connect: (options, callback) => (isSilent ? controller.abort() : connect(options, callback)),
    })
    await using client = createRegistryClient({ credentials: user, dispatcher: agent })
    await client.resolveDigest(`${registry.host}/acme/app:1.0`)
    isSilent = true
    const call = client.resolveDigest(`${registry.host}/acme/app:1.0`, { signal: controller.signal })
    expect(await failureOf(call)).toMatchObject({ name: 'AbortError' })
    void agent.destroy()
  })

  it('one who gives up does not end what others wait for', async () => {
    const proxy = await faultyRegistry()
    proxy.spoil(/\/v2\/$/, { kind: 'slow', milliseconds: 100 })
    await using client = createRegistryClient({ credentials: user })
    const controller = new AbortController()
    const impatient = client.resolveDigest(`${proxy.host}/acme/app:1.0`, { signal: controller.signal })
    const patient = client.resolveDigest(`${proxy.host}/acme/app:1.0`)
    void expect
      .poll(() => proxy.requests)
      .toHaveLength(1)
      .then(() => controller.abort())
    expect(await failureOf(impatient)).toMatchObject({ name: 'AbortError' })
    expect(await patient).toBe(image.index.digest)
    expect(proxy.requests.filter((line) => line === 'GET /v2/')).toHaveLength(1)
  })

  it.each(places)('the time for a call runs out while it waits for %s', async (_, match) => {
    const proxy = await faultyRegistry()
    proxy.spoil(match, { kind: 'hang' })
    await using client = createRegistryClient({ credentials: user, timeout: 0.3 })
    const failure = await failureOf(client.checkPull(`${proxy.host}/acme/app:1.0`))
    expect(failure).toMatchObject({ code: 'ERR_TIMEOUT', hint: expect.any(String) as string })
  })

  it('is endless when it is said to be', async () => {
    await using client = createRegistryClient({ credentials: user, timeout: Infinity })
    expect(await client.resolveDigest(`${registry.host}/acme/app:1.0`)).toBe(image.index.digest)
  })

  it('a wait that would outlast the call is not begun', async () => {
    const proxy = await faultyRegistry()
    proxy.spoil(/^HEAD/, ...Array.from({ length: 4 }, () => status(503)))
    const clock = makeTestClock()
    await using client = clientWith({ credentials: user, timeout: 12, clock })
    expect(await failureOf(client.resolveDigest(`${proxy.host}/acme/app:1.0`))).toMatchObject({
      code: 'ERR_REGISTRY_FAULT',
    })
    expect(clock.waits).toEqual([5])
  })

  it('a closed client answers nothing any more', async () => {
    const proxy = await faultyRegistry()
    proxy.spoil(/^HEAD/, { kind: 'hang' })
    const client = createRegistryClient({ credentials: user })
    const call = failureOf(client.resolveDigest(`${proxy.host}/acme/app:1.0`))
    await expect.poll(() => proxy.requests).toHaveLength(2)
    await client.close()
    expect(await call).toMatchObject({ name: 'TypeError', message: 'The registry client is closed' })
    expect(await failureOf(client.resolveDigest(`${proxy.host}/acme/app:1.0`))).toMatchObject({ name: 'TypeError' })
    await client.close()
  })
})
