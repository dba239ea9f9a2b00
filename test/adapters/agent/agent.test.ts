import { once } from 'node:events'
import { type ClientRequest, createServer, get as getPlain, type IncomingMessage, type RequestOptions } from 'node:http'
import { get } from 'node:https'
import type { Duplex } from 'node:stream'
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { createServer as createSecureServer, request as requestSecure } from 'node:https'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { createAgent } from '../../../src/adapters/agent/index.js'
import { listen } from '../../support/listen.js'
import { hosts } from '../../support/proxies/names.js'
import { useScriptedFixture } from '../../support/proxies/scripted-fixture.js'
import { itBehavesAsTransport } from '../../support/proxies/transport.js'
import { describeReal } from '../../support/real.js'

describeReal('createAgent', ['openssl'], () => {
  const fixture = useScriptedFixture()
  const { cleanUp, proxyOf, through } = fixture

  const agentFor = (...args: Parameters<typeof createAgent>): ReturnType<typeof createAgent> => {
    const agent = createAgent(...args)
    cleanUp.push(() => agent.destroy())
    return agent
  }
  const answerTo = async (request: ClientRequest): Promise<IncomingMessage> => {
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    await text(response)
    // The agent takes its connection back a moment after the end.
    if (!request.destroyed) await once(request, 'close')
    return response
  }
  const send = (options: RequestOptions & { ca?: string; cert?: string; key?: string }): Promise<IncomingMessage> =>
    answerTo(get({ host: hosts.registry, port: fixture.server.port, ...options }))

  itBehavesAsTransport(fixture, {
    create: agentFor,
    get: async (url, agent) => (await answerTo(get(url, { agent }))).statusCode,
  })

  it.each(['the agent', 'the request'])(
    'shows the target a client certificate of %s, on both routes',
    async (whose) => {
      const { ca, client } = fixture.certificates
      const tls = { ca, cert: client.cert, key: client.key }
      const proxy = through(await proxyOf(), { ca: [] })
      const agent = agentFor(proxy, whose === 'the agent' ? { tls } : {})
      for (const host of [hosts.registry, 'localhost']) {
        await send({ host, agent, ...(whose === 'the request' && tls) })
        expect(fixture.server.requests.at(-1)?.certified).toBe(true)
      }
    },
  )

  it('keeps a request that does not want to be verified', async () => {
    const agent = agentFor(through(await proxyOf(), { ca: [] }))
    const request = requestSecure({
      host: hosts.registry,
      port: fixture.server.port,
      agent,
      rejectUnauthorized: false,
    }).end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(200)
    response.destroy()
  })

  it('uses connections again, on both routes', async () => {
    const proxy = await proxyOf()
    const agent = agentFor(through(proxy), { tls: { ca: fixture.certificates.ca } })
    for (const host of [hosts.registry, 'localhost']) {
      const before = fixture.server.connections()
      for (let round = 0; round < 4; round++) await send({ host, agent })
      expect(fixture.server.connections() - before).toBe(1)
    }
    expect(proxy.requests).toEqual([`CONNECT ${hosts.registry}:${fixture.server.port}`])
  })

  it('sends one request after the other through a proxy that forwards', async () => {
    const proxy = await proxyOf()
    const { port, stop } = await listen(createServer((_, response) => response.end()))
    cleanUp.push(stop)
    const agent = agentFor(through(proxy, { httpProxy: `http://${proxy.host}` }))
    for (let round = 0; round < 4; round++) {
      await answerTo(getPlain({ host: hosts.registry, port, agent }))
    }
    expect(proxy.requests).toHaveLength(4)
  })

  it('lets a connection be upgraded, as attach and exec of an engine do', async () => {
    const tls = { key: readFileSync(fixture.certificates.keyPath), cert: readFileSync(fixture.certificates.certPath) }
    const upgrading = createSecureServer(tls)
    upgrading.on('upgrade', (_, socket) => {
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
      socket.pipe(socket)
    })
    const { port, stop } = await listen(upgrading)
    cleanUp.push(stop)
    const headers = { connection: 'Upgrade', upgrade: 'tcp' }
    const agent = agentFor(through(await proxyOf()))
    const request = requestSecure({ host: hosts.engine, port, agent, headers, method: 'POST' }).end()
    const [, socket] = (await once(request, 'upgrade')) as [IncomingMessage, Duplex]
    socket.end('echo')
    expect(await text(socket)).toBe('echo')
  })

  it('leaves a Unix socket alone', async () => {
    const socketPath = join(fixture.folder, 'engine.sock')
    const engine = createServer((_, response) => response.end('local')).listen(socketPath)
    cleanUp.push(
      () => engine.close(),
      () => engine.closeAllConnections(),
    )
    await once(engine, 'listening')
    const proxy = await proxyOf()
    const agent = agentFor({ ...through(proxy), httpProxy: `http://${proxy.host}` })
    const [response] = (await once(getPlain({ socketPath, host: hosts.engine, agent }), 'response')) as [
      IncomingMessage,
    ]
    expect(await text(response)).toBe('local')
    expect(proxy.requests).toEqual([])
  })

  it('can be tried again after a failure', async () => {
    const agent = agentFor(through(await proxyOf(403)))
    for (let round = 0; round < 3; round++) await expect(send({ agent })).rejects.toMatchObject({ code: 'ERR_PROXY' })
  })

  it.each(['http', 'socks5'])('stops at the signal of a request, while a %s proxy is silent', async (scheme) => {
    const { host } = await proxyOf('silence')
    const agent = agentFor(through({ host }, { httpsProxy: `${scheme}://${host}` }))
    const controller = new AbortController()
    const sent = send({ agent, signal: controller.signal })
    setTimeout(() => controller.abort(), 50)
    await expect(sent).rejects.toMatchObject({ name: 'AbortError' })
  })

  it.each(['http', 'socks5'])('passes on why a request was destroyed, while a %s proxy is silent', async (scheme) => {
    const { host } = await proxyOf('silence')
    const agent = agentFor(through({ host }, { httpsProxy: `${scheme}://${host}` }))
    const request = get({ host: hosts.registry, port: fixture.server.port, agent })
    const reason = new Error('enough')
    setTimeout(() => request.destroy(reason), 50)
    const [error] = (await once(request, 'error')) as [Error]
    expect(error).toBe(reason)
  })

  it('ends all connections', async () => {
    const proxy = await proxyOf()
    const agent = createAgent(through(proxy), { tls: { ca: fixture.certificates.ca } })
    for (const host of [hosts.registry, 'localhost']) await send({ host, agent })
    expect(proxy.open()).toBe(1)
    agent.destroy()
    await expect.poll(() => proxy.open()).toBe(0)
  })
})
