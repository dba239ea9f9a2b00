import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createSecureServer } from 'node:http2'
import { createServer, type Socket } from 'node:net'
import { fetch, interceptors, request } from 'undici'
import { expect, it } from 'vitest'
import { createDispatcher } from '../../../src/adapters/undici/index.js'
import type { ProxySettings } from '../../../src/settings/types.js'
import { listen } from '../../support/listen.js'
import { expectNoSecret } from '../../support/proxies/matrix.js'
import { hosts } from '../../support/proxies/names.js'
import { useScriptedFixture } from '../../support/proxies/scripted-fixture.js'
import { itBehavesAsTransport } from '../../support/proxies/transport.js'
import { describeReal } from '../../support/real.js'
import { recordingLogger } from '../../support/recording-logger.js'

describeReal('createDispatcher', ['openssl'], () => {
  const fixture = useScriptedFixture()
  const { cleanUp, proxyOf, through } = fixture

  const url = (host: string = hosts.registry): string => `https://${host}:${fixture.server.port}/`
  const dispatcherFor = (...args: Parameters<typeof createDispatcher>): ReturnType<typeof createDispatcher> => {
    const dispatcher = createDispatcher(...args)
    cleanUp.push(() => dispatcher.destroy())
    return dispatcher
  }
  const failureOf = async (proxy: ProxySettings): Promise<unknown> => {
    const error: unknown = await request(url(), { dispatcher: dispatcherFor(proxy) }).catch((e: unknown) => e)
    expectNoSecret(error)
    return error
  }

  itBehavesAsTransport(fixture, {
    create: dispatcherFor,
    get: async (target, dispatcher) => {
      const { statusCode, body } = await request(target, { dispatcher })
      await body.dump()
      return statusCode
    },
  })

  it('shows the target a client certificate through the proxy', async () => {
    const { ca, client } = fixture.certificates
    const dispatcher = dispatcherFor(through(await proxyOf(), { ca: [] }), { tls: { ca, ...client } })
    expect((await request(url(), { dispatcher })).statusCode).toBe(200)
    expect(fixture.server.requests.at(-1)?.certified).toBe(true)
  })

  it('uses connections again', async () => {
    const proxy = await proxyOf()
    const dispatcher = dispatcherFor(through(proxy), { agent: { connections: 2 } })
    const before = fixture.server.connections()
    const get = async (): Promise<void> => (await request(url(), { dispatcher })).body.dump()
    for (let round = 0; round < 5; round++) await Promise.all([get(), get(), get(), get()])
    expect(fixture.server.connections() - before).toBe(2)
    expect(proxy.requests).toHaveLength(2)
  })

  it('serves undici’s own fetch', async () => {
    const proxy = await proxyOf()
    const response = await fetch(url(), { dispatcher: dispatcherFor(through(proxy)) })
    expect(await response.json()).toMatchObject({ kind: 'SecretList' })
    expect(proxy.requests).toEqual([`CONNECT ${hosts.registry}:${fixture.server.port}`])
  })

  it.each([
    [undefined, '2.0'],
    [false, '1.1'],
  ])('speaks the version of HTTP that it may, on both routes: allowH2 %s', async (allowH2, version) => {
    const tls = {
      key: readFileSync(fixture.certificates.keyPath),
      cert: readFileSync(fixture.certificates.certPath),
      allowHTTP1: true,
    }
    const modern = createSecureServer(tls, (incoming, response) => response.end(incoming.httpVersion))
    const { port } = await listen(modern)
    // Waits for the dispatcher's connections to end.
    cleanUp.push(() => new Promise((resolve) => modern.close(resolve)))
    const options = { tls: { ca: fixture.certificates.ca }, agent: allowH2 === undefined ? {} : { allowH2 } }
    const dispatcher = dispatcherFor(through(await proxyOf()), options)
    for (const host of [hosts.registry, 'localhost']) {
      const { body } = await request(`https://${host}:${port}/`, { dispatcher })
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
    const dispatcher = dispatcherFor(through(await proxyOf())).compose(interceptors.retry({ maxRetries: 1 }))
    expect((await request(url(), { dispatcher })).statusCode).toBe(200)
  })

  it('fails at once for all requests that wait for the same connection', async () => {
    const dispatcher = dispatcherFor(through(await proxyOf(403)), { agent: { connections: 1 } })
    const results = await Promise.allSettled([1, 2, 3].map(() => request(url(), { dispatcher })))
    expect(results.map((result) => result.status === 'rejected' && (result.reason as { code: string }).code)).toEqual(
      Array(3).fill('ERR_PROXY'),
    )
  })

  it('says that a proxy does not speak TLS', async () => {
    const { host } = await proxyOf()
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

  it('tells the logger of doubtful CA certificates', () => {
    const logger = recordingLogger()
    dispatcherFor(through({ host: '127.0.0.1:1' }, { ca: [{ path: fixture.certificates.certPath }] }), { logger })
    const message = 'Certificate is not that of a certificate authority'
    expect(logger.lines).toMatchObject([{ level: 'warn', message }])
  })

  it('ends all connections, and takes no more requests', async () => {
    const proxy = await proxyOf()
    for (const end of ['close', 'destroy'] as const) {
      const dispatcher = createDispatcher(through(proxy), { tls: { ca: fixture.certificates.ca } })
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
    const silence = createServer((socket) => sockets.push(socket.resume()))
    const { host } = await listen(silence)
    cleanUp.push(() => once(silence.close(), 'close'))
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
