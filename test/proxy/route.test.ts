import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planRoute } from '../../src/proxy/index.js'
import { parseProxySettings } from '../../src/settings/proxy.js'
import type { ProxySettings } from '../../src/settings/types.js'

const http = 'http://plain.example.net:3128'
const https = 'http://secure.example.net:3128'

function exceptFor(noProxy: string): ProxySettings {
  return { httpProxy: http, httpsProxy: https, noProxy, ca: [], rejectUnauthorized: true }
}

function isDirect(noProxy: string, url: string): boolean {
  return planRoute(url, exceptFor(noProxy)).kind === 'direct'
}

describe('planRoute', () => {
  it('goes directly without a proxy', () => {
    expect(planRoute('https://registry.example.com', undefined)).toEqual({
      kind: 'direct',
      reason: 'no proxy is configured',
      targetTls: { ca: [], rejectUnauthorized: true },
    })
  })

  it('chooses the proxy by the scheme of the URL, and takes neither for the other', () => {
    expect(planRoute('http://a.example', exceptFor(''))).toMatchObject({ kind: 'proxy', uri: http })
    expect(planRoute('https://a.example', exceptFor(''))).toMatchObject({ kind: 'proxy', uri: https })
    const onlyHttp = { httpProxy: http, ca: [], rejectUnauthorized: true }
    expect(planRoute('https://a.example', onlyHttp)).toMatchObject({ reason: 'no proxy is configured for https URLs' })
    const onlyHttps = { httpsProxy: https, httpProxy: '', ca: [], rejectUnauthorized: true }
    expect(planRoute('http://a.example', onlyHttps)).toMatchObject({ reason: 'no proxy is configured for http URLs' })
    expect(planRoute('ftp://a.example', exceptFor(''))).toMatchObject({ reason: 'no proxy is configured for ftp URLs' })
  })

  it('has all that a client needs for the proxy', () => {
    const proxy = parseProxySettings({
      https_proxy: 'https://al%3Aice:p%40ss@[2001:db8::1]',
      https_proxy_ca: '/ca.pem',
      https_proxy_reject_unauthorized: false,
    })
    const tls = { ca: [{ path: '/ca.pem' }], rejectUnauthorized: false }
    expect(planRoute(new URL('https://registry.example.com'), proxy)).toEqual({
      kind: 'proxy',
      uri: 'https://al%3Aice:p%40ss@[2001:db8::1]',
      origin: 'https://[2001:db8::1]',
      protocol: 'https:',
      host: '2001:db8::1',
      port: 443,
      username: 'al:ice',
      password: 'p@ss',
      proxyTls: tls,
      targetTls: tls,
    })
  })

  it('keeps the certificates of the proxy away from direct routes, and verifies there', () => {
    const proxy = { ...exceptFor('example.com'), ca: [{ path: '/ca.pem' }], rejectUnauthorized: false }
    expect(planRoute('https://example.com', proxy)).toEqual({
      kind: 'direct',
      reason: "matches NO_PROXY entry 'example.com'",
      targetTls: { ca: [], rejectUnauthorized: true },
    })
  })

  it.each([
    ['https://localhost:5000/v2/', 'localhost is never'],
    ['https://LOCALHOST', 'localhost is never'],
    ['https://127.0.0.1', 'a loopback address is never'],
    ['https://127.255.0.9:5000', 'a loopback address is never'],
    ['https://127.1', 'a loopback address is never'],
    ['https://[::1]:5000', 'a loopback address is never'],
    ['https://[::ffff:127.0.0.1]', 'a loopback address is never'],
  ])('reaches %s directly', (url, reason) => {
    expect(planRoute(url, exceptFor(''))).toMatchObject({
      kind: 'direct',
      reason: expect.stringContaining(reason) as string,
    })
  })

  it.each([
    'https://localhost.example',
    'https://sub.localhost',
    'https://localhost.',
    'https://[::2]',
    'https://128.0.0.1',
  ])('does not take %s for this machine', (url) => {
    expect(isDirect('', url)).toBe(false)
  })

  it('says by which entry, as it is written', () => {
    const noProxy = 'other, .Example.com , .EXAMPLE.com,10.0.0.0/8,[2001:db8::1]:443,*.wild.net:8443'
    const reason = (url: string): unknown => planRoute(url, exceptFor(noProxy))
    expect(reason('https://a.example.com')).toMatchObject({ reason: "matches NO_PROXY entry '.Example.com'" })
    expect(reason('https://10.1.2.3')).toMatchObject({ reason: "matches NO_PROXY entry '10.0.0.0/8'" })
    expect(reason('https://[2001:db8::1]')).toMatchObject({ reason: "matches NO_PROXY entry '[2001:db8::1]:443'" })
    expect(reason('https://a.wild.net:8443')).toMatchObject({ reason: "matches NO_PROXY entry '*.wild.net:8443'" })
    expect(planRoute('https://a.b', exceptFor('a.b,.b,*'))).toMatchObject({ reason: "matches NO_PROXY entry '*'" })
  })

  it('prints the password masked, and keeps it', () => {
    const route = planRoute('https://a.example', parseProxySettings({ https_proxy: 'http://user:CANARY@proxy:3128' }))
    expect(inspect({ route }, { depth: 9, showHidden: true })).not.toContain('CANARY')
    expect(inspect(route)).toContain("uri: 'http://user:***@proxy:3128'")
    expect(route).toMatchObject({ uri: 'http://user:CANARY@proxy:3128', password: 'CANARY' })
    expect(inspect(planRoute('https://a.example', exceptFor('')))).not.toContain('password')
  })

  it('reads the settings once', () => {
    const proxy = exceptFor('example.com')
    expect(planRoute('https://a.example', proxy)).toBe(planRoute('https://b.example', proxy))
    expect(planRoute('https://a.example', { ...proxy, httpsProxy: http })).toMatchObject({ uri: http })
  })

  it('refuses what is not a URL, and what is not a proxy, without repeating a password', () => {
    const caught = (run: () => unknown): string => {
      try {
        run()
        return 'nothing was thrown'
      } catch (error) {
        return inspect(error, { showHidden: true, depth: 9 })
      }
    }
    const notUrl = caught(() => planRoute('//user:CANARY@registry', exceptFor('')))
    expect(notUrl).toContain('TypeError: planRoute: url is not an absolute URL')
    const proxy = { httpsProxy: 'http://user:CANARY@proxy:port', ca: [], rejectUnauthorized: true }
    const notProxy = caught(() => planRoute('https://a.example', proxy))
    expect(notProxy).toContain('httpsProxy: found a host or port that cannot be')
    const notHttpProxy = caught(() => planRoute('https://a.example', { ...proxy, httpProxy: proxy.httpsProxy }))
    expect(notHttpProxy).toContain('httpProxy: found a host or port that cannot be')
    expect(notUrl + notProxy + notHttpProxy).not.toContain('CANARY')
  })
})

describe('NO_PROXY', () => {
  it.each([
    ['example.com', 'https://example.com', true],
    ['example.com', 'https://a.b.example.com', true],
    ['example.com', 'https://notexample.com', false],
    ['example.com', 'https://example.com.', false],
    ['example.com.', 'https://example.com.', true],
    ['example.com.', 'https://example.com', false],
    ['.example.com', 'https://a.example.com', true],
    ['.example.com', 'https://example.com', false],
    ['*.example.com', 'https://a.example.com', true],
    ['*.example.com', 'https://example.com', false],
    ['*example.com', 'https://a.example.com', false],
    ['EXAMPLE.com', 'https://Example.COM', true],
    [' \texample.com\n', 'https://example.com', true],
    ['a b', 'https://a', false],
    ['foo', 'https://foo', true],
    ['foo', 'https://bar.foo', true],
    ['com', 'https://example.com', true],
    ['*', 'https://example.com', true],
    [' * ', 'https://10.1.2.3', true],
    ['*:443', 'https://example.com', false],
    ['.', 'https://example.com.', true],
    ['.', 'https://example.com', false],
    ['*.', 'https://example.com', false],
    ['', 'https://example.com', false],
    [',,:80,:', 'https://example.com', false],
  ])('%j for %s: %s', (noProxy, url, direct) => {
    expect(isDirect(noProxy, url)).toBe(direct)
  })

  it.each([
    ['example.com:443', 'https://example.com', true],
    ['example.com:443', 'https://a.example.com:443', true],
    ['example.com:443', 'http://example.com', false],
    ['example.com:80', 'http://example.com', true],
    ['example.com:5000', 'https://example.com', false],
    ['.example.com:5000', 'https://a.example.com:5000', true],
    ['example.com:', 'https://example.com:5000', true],
    ['example.com:https', 'https://example.com', false],
    ['a:b:c', 'https://c', false],
    ['ab]:443', 'https://b', false],
    ['[ab:443', 'https://a', false],
    ['example.com:80,example.com:5000', 'https://example.com:5000', true],
    ['10.1.2.3:5000', 'https://10.1.2.3:5000', true],
    ['10.1.2.3:5000', 'https://10.1.2.3', false],
  ])('with a port: %j for %s: %s', (noProxy, url, direct) => {
    expect(isDirect(noProxy, url)).toBe(direct)
  })

  it.each([
    ['10.1.2.3', 'https://10.1.2.3:5000', true],
    ['10.1.2.3', 'https://10.1.2.4', false],
    ['1.2.3', 'https://10.1.2.3', false],
    ['.2.3', 'https://10.1.2.3', false],
    ['10.0.0.0/8', 'https://10.200.0.1', true],
    ['10.9.9.9/8', 'https://10.200.0.1', true],
    ['10.0.0.0/8', 'https://11.0.0.1', false],
    ['10.0.0.0/08', 'https://10.200.0.1', true],
    ['192.168.1.0/30', 'https://192.168.1.3', true],
    ['192.168.1.0/30', 'https://192.168.1.4', false],
    ['192.168.1.1/32', 'https://192.168.1.1', true],
    ['0.0.0.0/0', 'https://203.0.113.7', true],
    ['0.0.0.0/0', 'https://[2001:db8::1]', false],
    ['0.0.0.0/0', 'https://example.com', false],
    ['10.0.0.0/33', 'https://10.0.0.0', false],
    ['10.0.0.0/', 'https://10.0.0.0', false],
    ['10.0.0.0/-1', 'https://10.0.0.0', false],
    ['10.0.0/8', 'https://10.0.0.1', false],
    ['010.1.2.3', 'https://10.1.2.3', false],
    ['10.1.2.256', 'https://10.1.3.0', false],
    ['10.1.2', 'https://0.10.1.2', false],
    ['10.0.0.0/8:5000', 'https://10.0.0.1:5000', false],
  ])('IPv4: %j for %s: %s', (noProxy, url, direct) => {
    expect(isDirect(noProxy, url)).toBe(direct)
  })

  it.each([
    ['2001:db8::1', 'https://[2001:db8::1]:5000', true],
    ['2001:DB8:0:0:0:0:0:1', 'https://[2001:db8::1]', true],
    ['[2001:db8::1]:5000', 'https://[2001:db8::1]:5000', true],
    ['[2001:db8::1]:5000', 'https://[2001:db8::1]', false],
    ['[2001:db8::1]:', 'https://[2001:db8::1]', true],
    ['[2001:db8::1]', 'https://[2001:db8::1]', false],
    ['[[2001:db8::1]]:443', 'https://[2001:db8::1]', false],
    ['[2001:db8::1]x:443', 'https://[2001:db8::1]', false],
    ['2001:db8::/32', 'https://[2001:db8:ffff::7]', true],
    ['2001:db8::/32', 'https://[2001:db9::1]', false],
    ['2001:db8::/127', 'https://[2001:db8::1]', true],
    ['::/0', 'https://[2001:db8::1]', true],
    ['::/0', 'https://10.1.2.3', false],
    ['::/129', 'https://[2001:db8::1]', false],
    ['::ffff:10.1.2.3', 'https://10.1.2.3', true],
    ['10.1.2.3', 'https://[::ffff:10.1.2.3]', true],
    ['::ffff:10.0.0.0/104', 'https://10.1.2.3', true],
    ['::ffff:10.0.0.0/104', 'https://11.1.2.3', false],
    ['::ffff:10.0.0.0/95', 'https://10.1.2.3', false],
    ['::ffff:10.0.0.0/95', 'https://[::fffe:1:2]', true],
    ['::ffff:0:0/96', 'https://10.1.2.3', true],
    ['0000:0000:0000:0000:0000:ffff:254.254.254.254', 'https://254.254.254.254', true],
    ['64:ff9b:0:0:0:0:10.1.2.3', 'https://[64:ff9b::a01:203]', true],
    ['10.1.2.3::1', 'https://[a01:203::1]', false],
    ['2001:db8::1%eth0', 'https://[2001:db8::1]', false],
    ['2001:db8::1::', 'https://[2001:db8::1]', false],
    ['2001:db8:1', 'https://[2001:db8:1::]', false],
    ['1:2:3:4:5:6:7:8:9', 'https://[1:2:3:4:5:6:7:8]', false],
    ['1:2:3:4:5:6:7::8', 'https://[1:2:3:4:5:6:7:8]', false],
    ['1:2:3:4:5:6:7::', 'https://[1:2:3:4:5:6:7:0]', true],
    ['64:ff9b::10.1.2.3', 'https://[64:ff9b::a01:203]', true],
    ['64:ff9b::10.1.2.3:1', 'https://[64:ff9b::a01:203]', false],
  ])('IPv6: %j for %s: %s', (noProxy, url, direct) => {
    expect(isDirect(noProxy, url)).toBe(direct)
  })

  it.each([
    ['bücher.example', 'https://www.bücher.example', true],
    ['.BÜCHER.example', 'https://www.xn--bcher-kva.example', true],
    ['xn--bcher-kva.example:443', 'https://bücher.example', true],
    ['bücher.example', 'https://bucher.example', false],
    ['ü', 'https://ü', true],
    ['b/ü', 'https://b', false],
    ['ü<', 'https://ü', false],
  ])('international: %j for %s: %s', (noProxy, url, direct) => {
    expect(isDirect(noProxy, url)).toBe(direct)
  })

  it('takes any text, and finds a host that stands in it by itself', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.domain(), (entries, host) => {
        const noProxy = [...entries, host].join(',')
        return isDirect(noProxy, `https://${host}`) && isDirect(noProxy, `https://sub.${host}`)
      }),
    )
  })

  it('agrees with a plain comparison of bits on every IPv4 network', () => {
    const octets = (address: number): string =>
      [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
    const address = fc.integer({ min: 0, max: 2 ** 32 - 1 }).filter((each) => Math.floor(each / 2 ** 24) !== 127)
    fc.assert(
      fc.property(address, address, fc.integer({ min: 0, max: 32 }), (network, host, prefix) => {
        const size = 2 ** (32 - prefix)
        const isInside = Math.floor(network / size) === Math.floor(host / size)
        return isDirect(`${octets(network)}/${prefix}`, `http://${octets(host)}`) === isInside
      }),
    )
  })

  it('gets through a host with half a million dots', () => {
    const url = `https://${'a.'.repeat(500_000)}example`
    expect(isDirect('.example,other.example', url)).toBe(true)
    expect(isDirect('other.example', url)).toBe(false)
  })
})
