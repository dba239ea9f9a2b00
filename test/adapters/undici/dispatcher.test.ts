import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createSecureServer } from 'node:http2'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { inspect } from 'node:util'
import { fetch, interceptors, request } from 'undici'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { createDispatcher, type CreateDispatcherOptions } from '../../../src/adapters/undici/index.js'
import type { Logger } from '../../../src/logger.js'
import type { ProxySettings } from '../../../src/settings/types.js'
import { temporaryFolder } from '../../support/processes.js'
import { type Cluster, startCluster } from '../../support/proxies/cluster.js'
import { expectNoSecret } from '../../support/proxies/matrix.js'
import { hosts, makeNamedCertificates, type NamedCertificates } from '../../support/proxies/names.js'
import { userInfo } from '../../support/proxies/proxy.js'
import { type Script, type ScriptedProxy, startScriptedProxy } from '../../support/proxies/scripted-proxy.js'
import { describeReal } from '../../support/real.js'

describeReal('createDispatcher', ['openssl'], () => {
  let folder: { path: string; remove(): Promise<void> }
  let certificates: NamedCertificates
  let server: Cluster
  const cleanUp: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    folder = await temporaryFolder()
    certificates = await makeNamedCertificates(folder.path)
    server = await startCluster(certificates)
  })
  afterEach(async () => {
    for (const clean of cleanUp.splice(0).reverse()) await clean()
  })
  afterAll(async () => {
    await server.stop()
    await folder.remove()
  })

  const url = (host: string = hosts.registry): string => `https://${host}:${server.port}/`
  const proxyOf = async (script: Script): Promise<ScriptedProxy> => {
    const proxy = await startScriptedProxy(script)
    cleanUp.push(proxy.stop)
    return proxy
  }
  const through = ({ host }: { host: string }, more: Partial<ProxySettings> = {}): ProxySettings => {
    return {
      httpsProxy: `http://${userInfo}${host}`,
      ca: [{ pem: certificates.ca }],
      rejectUnauthorized: true,
      ...more,
    }
  }
  const dispatcherFor = (...args: Parameters<typeof createDispatcher>): ReturnType<typeof createDispatcher> => {
    const dispatcher = createDispatcher(...args)
    cleanUp.push(() => dispatcher.destroy())
    return dispatcher
  }
  const failureOf = async (proxy: ProxySettings, options?: CreateDispatcherOptions): Promise<unknown> => {
    const error: unknown = await request(url(), { dispatcher: dispatcherFor(proxy, options) }).catch((e: unknown) => e)
    expectNoSecret(error)
    return error
  }

  it('goes directly without a proxy, with TLS as told', async () => {
    const { ca, client } = certificates
    const dispatcher = dispatcherFor(undefined, { tls: { ca, ...client } })
    expect((await request(url('localhost'), { dispatcher })).statusCode).toBe(200)
    expect(server.requests.at(-1)?.certified).toBe(true)
  })

  it('verifies on the direct route, whatever is set for the proxy', async () => {
    const proxy = await proxyOf('tunnel')
    const dispatcher = dispatcherFor(through(proxy, { rejectUnauthorized: false }))
    await expect(request(url('localhost'), { dispatcher })).rejects.toMatchObject({ code: 'SELF_SIGNED_CERT_IN_CHAIN' })
    expect(proxy.requests).toEqual([])
  })

  it('shows the target a client certificate through the proxy', async () => {
    const { ca, client } = certificates
    const dispatcher = dispatcherFor(through(await proxyOf('tunnel'), { ca: [] }), { tls: { ca, ...client } })
    expect((await request(url(), { dispatcher })).statusCode).toBe(200)
    expect(server.requests.at(-1)?.certified).toBe(true)
  })

  it('uses connections again', async () => {
    const proxy = await proxyOf('tunnel')
    const dispatcher = dispatcherFor(through(proxy), { agent: { connections: 2 } })
    const before = server.connections()
    const get = async (): Promise<void> => (await request(url(), { dispatcher })).body.dump()
    for (let round = 0; round < 5; round++) await Promise.all([get(), get(), get(), get()])
    expect(server.connections() - before).toBe(2)
    expect(proxy.requests).toHaveLength(2)
  })

  it('serves undici’s own fetch', async () => {
    const proxy = await proxyOf('tunnel')
    const response = await fetch(url(), { dispatcher: dispatcherFor(through(proxy)) })
    expect(await response.json()).toMatchObject({ kind: 'SecretList' })
    expect(proxy.requests).toEqual([`CONNECT ${hosts.registry}:${server.port}`])
  })

  it.each([
    [undefined, '2.0'],
    [false, '1.1'],
  ])('speaks the version of HTTP that it may, on both routes: allowH2 %s', async (allowH2, version) => {
    const tls = { key: readFileSync(certificates.keyPath), cert: readFileSync(certificates.certPath), allowHTTP1: true }
    const modern = createSecureServer(tls, (incoming, response) => response.end(incoming.httpVersion)).listen(
      0,
      '127.0.0.1',
    )
    cleanUp.push(() => new Promise((resolve) => modern.close(resolve)))
    await once(modern, 'listening')
    const options = { tls: { ca: certificates.ca }, agent: allowH2 === undefined ? {} : { allowH2 } }
    const dispatcher = dispatcherFor(through(await proxyOf('tunnel')), options)
    for (const host of [hosts.registry, 'localhost']) {
      const { body } = await request(`https://${host}:${(modern.address() as AddressInfo).port}/`, { dispatcher })
      expect(await body.text()).toBe(version)
    }
  })

  it('tells why by the cause of fetch’s error', async () => {
    const dispatcher = dispatcherFor(through(await proxyOf(407)))
    const error: unknown = await fetch(url(), { dispatcher }).catch((e: unknown) => e)
    expect(error).toMatchObject({ cause: { code: 'ERR_PROXY_AUTHENTICATION_REQUIRED' } })
    expectNoSecret(error)
  })

  it('can be composed with undici’s interceptors', async () => {
    const dispatcher = dispatcherFor(through(await proxyOf('tunnel'))).compose(interceptors.retry({ maxRetries: 1 }))
    expect((await request(url(), { dispatcher })).statusCode).toBe(200)
  })

  it.each<[Script, string, RegExp]>([
    [407, 'ERR_PROXY_AUTHENTICATION_REQUIRED', /does not accept the user 'proxy-user'.*status 407/],
    [403, 'ERR_PROXY', /refused registry\.pullpass\.test:\d+ with status 403$/],
    [502, 'ERR_PROXY', /refused registry\.pullpass\.test:\d+ with status 502$/],
    ['close', 'ERR_PROXY_UNREACHABLE', /cannot be reached: socket hang up$/],
    ['silence', 'ERR_TIMEOUT', /did not open a connection to registry\.pullpass\.test:\d+ within 300 ms$/],
  ])('fails where the proxy answers %s', async (script, code, message) => {
    const proxy = await proxyOf(script)
    const error = await failureOf(through(proxy), { connectTimeout: 300 })
    expect(error).toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
      hint: expect.any(String) as string,
    })
    expect((error as Error).message).toContain(`The proxy http://${proxy.host} `)
  })

  it('fails at once for all requests that wait for the same connection', async () => {
    const dispatcher = dispatcherFor(through(await proxyOf(403)), { agent: { connections: 1 } })
    const results = await Promise.allSettled([1, 2, 3].map(() => request(url(), { dispatcher })))
    expect(results.map((result) => result.status === 'rejected' && (result.reason as { code: string }).code)).toEqual(
      Array(3).fill('ERR_PROXY'),
    )
  })

  it('says that a proxy does not speak TLS', async () => {
    const { host } = await proxyOf('tunnel')
    expect(await failureOf(through({ host }, { httpsProxy: `https://${host}` }))).toMatchObject({ code: 'ERR_TLS' })
  })

  it('does not send over SOCKS what SOCKS has no room for', async () => {
    const { host } = await proxyOf('silence')
    const proxy = through({ host }, { httpsProxy: `socks5://user:${'a'.repeat(300)}@${host}` })
    expect(await failureOf(proxy)).toMatchObject({
      code: 'ERR_PROXY',
      message: 'The password of the proxy is longer than the 255 bytes that SOCKS 5 has room for',
    })
  })

  it.each([
    ['[2001:db8::1]:5000', '[2001:db8::1]:5000'],
    ['[2001:db8::1]', '[2001:db8::1]:443'],
    [hosts.registry, `${hosts.registry}:443`],
  ])('asks the proxy for %s as it has to', async (host, asked) => {
    const proxy = await proxyOf(403)
    await expect(request(`https://${host}/`, { dispatcher: dispatcherFor(through(proxy)) })).rejects.toMatchObject({
      code: 'ERR_PROXY',
    })
    expect(proxy.requests).toEqual([`CONNECT ${asked}`])
  })

  it.each([
    ['', undefined],
    ['user@', 'user:'],
    ['user:@', 'user:'],
    ['%C3%BC:p%3Ass@', 'ü:p:ss'],
  ])('offers the proxy the user of its URL, percent-decoded: %s', async (user, expected) => {
    const proxy = await proxyOf(403)
    const host = hosts.registry
    const through = (): ProxySettings => ({
      httpsProxy: `http://${user}${proxy.host}`,
      ca: [],
      rejectUnauthorized: true,
    })
    await expect(request(`https://${host}/`, { dispatcher: dispatcherFor(through()) })).rejects.toMatchObject({
      code: 'ERR_PROXY',
    })
    const offered = expected === undefined ? undefined : `Basic ${Buffer.from(expected).toString('base64')}`
    expect(proxy.authorizations).toEqual([offered])
  })

  it('reads CA files when it is made', () => {
    const proxy = through({ host: '127.0.0.1:1' }, { ca: [{ path: '/no/ca.pem' }] })
    expect(() => createDispatcher(proxy)).toThrow('CA certificates, entry 1 (/no/ca.pem): the file cannot be read')
  })

  it('tells the logger of doubtful CA certificates', () => {
    const lines: string[] = []
    const silent = (): void => undefined
    const logger: Logger = { debug: silent, info: silent, error: silent, warn: (_, message) => lines.push(message) }
    dispatcherFor(through({ host: '127.0.0.1:1' }, { ca: [{ path: certificates.certPath }] }), { logger })
    expect(lines).toEqual(['Certificate is not that of a certificate authority'])
  })

  it('shows no password when printed, before and after it was used', async () => {
    const dispatcher = dispatcherFor(through(await proxyOf('tunnel')))
    expectNoSecret(dispatcher)
    await (await request(url(), { dispatcher })).body.dump()
    expectNoSecret({ nested: { dispatcher } })
    expect(inspect(dispatcher)).toContain('http://proxy-user:***@127.0.0.1')
  })

  it('ends all connections, and takes no more requests', async () => {
    const proxy = await proxyOf('tunnel')
    for (const end of ['close', 'destroy'] as const) {
      const dispatcher = createDispatcher(through(proxy), { tls: { ca: certificates.ca } })
      for (const host of [hosts.registry, 'localhost']) await (await request(url(host), { dispatcher })).body.dump()
      await dispatcher[end]()
      const code = expect.stringMatching(/UND_ERR_(CLOSED|DESTROYED)/) as string
      await expect(request(url(), { dispatcher })).rejects.toMatchObject({ code })
      await expect(request(url('localhost'), { dispatcher })).rejects.toMatchObject({ code })
    }
    await expect.poll(() => proxy.open()).toBe(0)
  })

  it('ends a tunnel that is being opened, too', async () => {
    const sockets: Socket[] = []
    const silence = createServer((socket) => sockets.push(socket.resume())).listen(0, '127.0.0.1')
    cleanUp.push(() => once(silence.close(), 'close'))
    await once(silence, 'listening')
    const host = `127.0.0.1:${(silence.address() as AddressInfo).port}`
    const dispatcher = createDispatcher(through({ host }))
    const failed = expect(request(url(), { dispatcher })).rejects.toMatchObject({ code: 'UND_ERR_DESTROYED' })
    await expect.poll(() => sockets.length).toBe(1)
    await dispatcher.destroy()
    await failed
    await expect.poll(() => sockets[0]?.closed).toBe(true)
  })

  it('calls back when it has ended, too', async () => {
    await new Promise<void>((resolve) => createDispatcher(undefined).close(resolve))
    await new Promise<void>((resolve) => createDispatcher(undefined).destroy(resolve))
    await new Promise<void>((resolve) => createDispatcher(undefined).destroy(null, resolve))
  })
})
