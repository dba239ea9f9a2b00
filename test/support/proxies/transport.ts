import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import type { ProxySettings } from '../../../src/settings/types.js'
import { expectNoSecret } from './matrix.js'
import { hosts } from './names.js'
import { userInfo } from './proxy.js'
import type { ScriptedFixture } from './scripted-fixture.js'
import type { Script } from './scripted-proxy.js'

/** What sends requests: an agent, a dispatcher. */
export interface Transport<T> {
  /** Makes one that lives as long as the test. */
  create(
    proxy: ProxySettings | undefined,
    options?: { tls?: { ca: string; cert: string; key: string }; connectTimeout?: number },
  ): T
  /** Sends a request by it, reads the answer to its end, and returns its status. */
  get(url: string, transport: T): Promise<number | undefined>
}

/** What holds for every transport, tested against scripted proxies. */
export function itBehavesAsTransport<T>(fixture: ScriptedFixture, { create, get }: Transport<T>): void {
  const { proxyOf, through } = fixture
  const url = (host: string): string => `https://${host}:${fixture.server.port}/`

  it('goes directly without a proxy, with TLS as told', async () => {
    const { ca, client } = fixture.certificates
    expect(await get(url('localhost'), create(undefined, { tls: { ca, ...client } }))).toBe(200)
    expect(fixture.server.requests.at(-1)?.certified).toBe(true)
  })

  it('verifies on the direct route, whatever is set for the proxy', async () => {
    const proxy = await proxyOf()
    const transport = create(through(proxy, { rejectUnauthorized: false }))
    await expect(get(url('localhost'), transport)).rejects.toMatchObject({ code: 'SELF_SIGNED_CERT_IN_CHAIN' })
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
    const transport = create(through(proxy), { connectTimeout: 0.3 })
    const error: unknown = await get(url(hosts.registry), transport).catch((e: unknown) => e)
    expectNoSecret(error)
    expect(error).toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
      hint: expect.any(String) as string,
    })
    expect((error as Error).message).toContain(`The proxy http://${proxy.host} `)
  })

  it.each([
    ['[2001:db8::1]:5000', '[2001:db8::1]:5000'],
    ['[2001:db8::1]', '[2001:db8::1]:443'],
    [hosts.registry, `${hosts.registry}:443`],
  ])('asks the proxy for %s as it has to', async (host, asked) => {
    const proxy = await proxyOf(403)
    await expect(get(`https://${host}/`, create(through(proxy)))).rejects.toMatchObject({ code: 'ERR_PROXY' })
    expect(proxy.requests).toEqual([`CONNECT ${asked}`])
  })

  it.each([
    ['', undefined],
    ['user@', 'user:'],
    ['user:@', 'user:'],
    ['%C3%BC:p%3Ass@', 'ü:p:ss'],
  ])('offers the proxy the user of its URL, percent-decoded: %s', async (user, expected) => {
    const proxy = await proxyOf(403)
    const transport = create({ httpsProxy: `http://${user}${proxy.host}`, ca: [], rejectUnauthorized: true })
    await expect(get(url(hosts.registry), transport)).rejects.toMatchObject({ code: 'ERR_PROXY' })
    const offered = expected === undefined ? undefined : `Basic ${Buffer.from(expected).toString('base64')}`
    expect(proxy.authorizations).toEqual([offered])
  })

  it('reads CA files when it is made', () => {
    const proxy = through({ host: '127.0.0.1:1' }, { ca: [{ path: '/no/ca.pem' }] })
    expect(() => create(proxy)).toThrow('CA certificates, entry 1 (/no/ca.pem): the file cannot be read')
  })

  it('shows no password when printed, before and after it was used', async () => {
    const proxy = await proxyOf()
    const transport = create(through(proxy, { httpProxy: `http://${userInfo}${proxy.host}` }))
    expectNoSecret(transport)
    await get(url(hosts.registry), transport)
    expectNoSecret({ nested: { transport } })
    expect(inspect(transport)).toContain('http://proxy-user:***@127.0.0.1')
  })
}
