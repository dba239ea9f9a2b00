import { once } from 'node:events'
import { createServer, get as getPlain, type IncomingMessage, type RequestOptions } from 'node:http'
import { get } from 'node:https'
import type { Duplex } from 'node:stream'
import { inspect } from 'node:util'
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { createServer as createSecureServer, request as requestSecure } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { createAgent, type CreateAgentOptions } from '../../../src/adapters/agent/index.js'
import type { ProxySettings } from '../../../src/settings/types.js'
import { temporaryFolder } from '../../support/processes.js'
import { type Cluster, startCluster } from '../../support/proxies/cluster.js'
import { expectNoSecret } from '../../support/proxies/matrix.js'
import { hosts, makeNamedCertificates, type NamedCertificates } from '../../support/proxies/names.js'
import { userInfo } from '../../support/proxies/proxy.js'
import { type Script, type ScriptedProxy, startScriptedProxy } from '../../support/proxies/scripted-proxy.js'
import { describeReal } from '../../support/real.js'

describeReal('createAgent', ['openssl'], () => {
  let folder: { path: string; remove(): Promise<void> }
  let certificates: NamedCertificates
  let server: Cluster
  const cleanUp: (() => unknown)[] = []

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
  const agentFor = (...args: Parameters<typeof createAgent>): ReturnType<typeof createAgent> => {
    const agent = createAgent(...args)
    cleanUp.push(() => agent.destroy())
    return agent
  }
  const send = async (
    options: RequestOptions & { ca?: string; cert?: string; key?: string },
  ): Promise<IncomingMessage> => {
    const request = get({ host: hosts.registry, port: server.port, ...options })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    await text(response)
    // The agent takes its connection back a moment after the end.
    if (!request.destroyed) await once(request, 'close')
    return response
  }
  const failureOf = async (proxy: ProxySettings, options: CreateAgentOptions = {}): Promise<unknown> => {
    const error: unknown = await send({ agent: agentFor(proxy, options) }).catch((e: unknown) => e)
    expectNoSecret(error)
    return error
  }

  it('goes directly without a proxy, with TLS as told', async () => {
    const { ca, client } = certificates
    expect((await send({ host: 'localhost', agent: agentFor(undefined, { tls: { ca, ...client } }) })).statusCode).toBe(
      200,
    )
    expect(server.requests.at(-1)?.certified).toBe(true)
  })

  it('verifies on the direct route, whatever is set for the proxy', async () => {
    const proxy = await proxyOf('tunnel')
    const agent = agentFor(through(proxy, { rejectUnauthorized: false }))
    await expect(send({ host: 'localhost', agent })).rejects.toMatchObject({ code: 'SELF_SIGNED_CERT_IN_CHAIN' })
    expect(proxy.requests).toEqual([])
  })

  it.each(['the agent', 'the request'])(
    'shows the target a client certificate of %s, on both routes',
    async (whose) => {
      const { ca, client } = certificates
      const tls = { ca, cert: client.cert, key: client.key }
      const proxy = through(await proxyOf('tunnel'), { ca: [] })
      const agent = agentFor(proxy, whose === 'the agent' ? { tls } : {})
      for (const host of [hosts.registry, 'localhost']) {
        await send({ host, agent, ...(whose === 'the request' && tls) })
        expect(server.requests.at(-1)?.certified).toBe(true)
      }
    },
  )

  it('keeps a request that does not want to be verified', async () => {
    const agent = agentFor(through(await proxyOf('tunnel'), { ca: [] }))
    const request = requestSecure({ host: hosts.registry, port: server.port, agent, rejectUnauthorized: false }).end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(200)
    response.destroy()
  })

  it('uses connections again, on both routes', async () => {
    const proxy = await proxyOf('tunnel')
    const agent = agentFor(through(proxy), { tls: { ca: certificates.ca } })
    for (const host of [hosts.registry, 'localhost']) {
      const before = server.connections()
      for (let round = 0; round < 4; round++) await send({ host, agent })
      expect(server.connections() - before).toBe(1)
    }
    expect(proxy.requests).toEqual([`CONNECT ${hosts.registry}:${server.port}`])
  })

  it('sends one request after the other through a proxy that forwards', async () => {
    const proxy = await proxyOf('tunnel')
    const plain = createServer((_, response) => response.end()).listen(0, '127.0.0.1')
    cleanUp.push(
      () => plain.close(),
      () => plain.closeAllConnections(),
    )
    await once(plain, 'listening')
    const agent = agentFor(through(proxy, { httpProxy: `http://${proxy.host}` }))
    for (let round = 0; round < 4; round++) {
      const request = getPlain({ host: hosts.registry, port: (plain.address() as AddressInfo).port, agent })
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      await text(response)
      if (!request.destroyed) await once(request, 'close')
    }
    expect(proxy.requests).toHaveLength(4)
  })

  it('lets a connection be upgraded, as attach and exec of an engine do', async () => {
    const tls = { key: readFileSync(certificates.keyPath), cert: readFileSync(certificates.certPath) }
    const upgrading = createSecureServer(tls).listen(0, '127.0.0.1')
    upgrading.on('upgrade', (_, socket) => {
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
      socket.pipe(socket)
    })
    cleanUp.push(
      () => upgrading.close(),
      () => upgrading.closeAllConnections(),
    )
    await once(upgrading, 'listening')
    const headers = { connection: 'Upgrade', upgrade: 'tcp' }
    const { port } = upgrading.address() as AddressInfo
    const agent = agentFor(through(await proxyOf('tunnel')))
    const request = requestSecure({ host: hosts.engine, port, agent, headers, method: 'POST' }).end()
    const [, socket] = (await once(request, 'upgrade')) as [IncomingMessage, Duplex]
    socket.end('echo')
    expect(await text(socket)).toBe('echo')
  })

  it('leaves a Unix socket alone', async () => {
    const socketPath = join(folder.path, 'engine.sock')
    const engine = createServer((_, response) => response.end('local')).listen(socketPath)
    cleanUp.push(
      () => engine.close(),
      () => engine.closeAllConnections(),
    )
    await once(engine, 'listening')
    const proxy = await proxyOf('tunnel')
    const agent = agentFor({ ...through(proxy), httpProxy: `http://${proxy.host}` })
    const [response] = (await once(getPlain({ socketPath, host: hosts.engine, agent }), 'response')) as [
      IncomingMessage,
    ]
    expect(await text(response)).toBe('local')
    expect(proxy.requests).toEqual([])
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
    const request = get({ host: hosts.registry, port: server.port, agent })
    const reason = new Error('enough')
    setTimeout(() => request.destroy(reason), 50)
    const [error] = (await once(request, 'error')) as [Error]
    expect(error).toBe(reason)
  })

  it.each([
    ['[2001:db8::1]:5000', '[2001:db8::1]:5000'],
    ['[2001:db8::1]', '[2001:db8::1]:443'],
    [hosts.registry, `${hosts.registry}:443`],
  ])('asks the proxy for %s as it has to', async (host, asked) => {
    const proxy = await proxyOf(403)
    await expect(once(get(`https://${host}/`, { agent: agentFor(through(proxy)) }), 'response')).rejects.toMatchObject({
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
    await expect(once(get(`https://${host}/`, { agent: agentFor(through()) }), 'response')).rejects.toMatchObject({
      code: 'ERR_PROXY',
    })
    const offered = expected === undefined ? undefined : `Basic ${Buffer.from(expected).toString('base64')}`
    expect(proxy.authorizations).toEqual([offered])
  })

  it('reads CA files when it is made', () => {
    const proxy = through({ host: '127.0.0.1:1' }, { ca: [{ path: '/no/ca.pem' }] })
    expect(() => createAgent(proxy)).toThrow('CA certificates, entry 1 (/no/ca.pem): the file cannot be read')
  })

  it('shows no password when printed, before and after it was used', async () => {
    const proxy = await proxyOf('tunnel')
    const agent = agentFor(through(proxy, { httpProxy: `http://${userInfo}${proxy.host}` }))
    expectNoSecret(agent)
    await send({ agent })
    expectNoSecret({ nested: { agent } })
    expect(inspect(agent)).toContain('http://proxy-user:***@127.0.0.1')
  })

  it('ends all connections', async () => {
    const proxy = await proxyOf('tunnel')
    const agent = createAgent(through(proxy), { tls: { ca: certificates.ca } })
    for (const host of [hosts.registry, 'localhost']) await send({ host, agent })
    expect(proxy.open()).toBe(1)
    agent.destroy()
    await expect.poll(() => proxy.open()).toBe(0)
  })
})
