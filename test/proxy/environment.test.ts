import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { proxyEnvironment, sensitiveProxyVariables } from '../../src/proxy/index.js'
import type { ProxySettings } from '../../src/settings/types.js'

const proxy: ProxySettings = {
  httpProxy: 'http://proxy.example.com:3128',
  httpsProxy: 'http://user:CANARY@proxy.example.com:3128',
  noProxy: 'localhost,.svc',
  ca: [],
  rejectUnauthorized: true,
}

describe('proxyEnvironment', () => {
  it('has the proxy in both cases', () => {
    expect(proxyEnvironment(proxy)).toEqual({
      HTTP_PROXY: 'http://proxy.example.com:3128',
      http_proxy: 'http://proxy.example.com:3128',
      HTTPS_PROXY: 'http://user:CANARY@proxy.example.com:3128',
      https_proxy: 'http://user:CANARY@proxy.example.com:3128',
      NO_PROXY: 'localhost,.svc',
      no_proxy: 'localhost,.svc',
    })
  })

  it('has only what is set', () => {
    const environment = proxyEnvironment({ httpsProxy: 'http://proxy', ca: [], rejectUnauthorized: true })
    expect(environment).toStrictEqual({ HTTPS_PROXY: 'http://proxy', https_proxy: 'http://proxy' })
    expect(proxyEnvironment({ noProxy: 'a', ca: [], rejectUnauthorized: false })).toStrictEqual({
      NO_PROXY: 'a',
      no_proxy: 'a',
    })
  })

  it('names the certificate authorities for OpenSSL, Go, requests, Node and curl', () => {
    expect(proxyEnvironment(proxy, { caPath: '/etc/proxy-ca/ca.pem' })).toMatchObject({
      SSL_CERT_FILE: '/etc/proxy-ca/ca.pem',
      REQUESTS_CA_BUNDLE: '/etc/proxy-ca/ca.pem',
      NODE_EXTRA_CA_CERTS: '/etc/proxy-ca/ca.pem',
      CURL_CA_BUNDLE: '/etc/proxy-ca/ca.pem',
    })
    expect(() => proxyEnvironment(proxy, { caPath: 'ca.pem' })).toThrow(
      new TypeError('proxyEnvironment: caPath is not an absolute path in the container'),
    )
  })

  it.each<[string, Partial<ProxySettings>, string | undefined]>([
    ['verified', { rejectUnauthorized: true }, undefined],
    ['not verified', { rejectUnauthorized: false }, '0'],
    ['not verified, the proxy itself over TLS', { ...httpOnly('https://proxy'), rejectUnauthorized: false }, '0'],
    ['no TLS anywhere through the proxy', { ...httpOnly('http://proxy'), rejectUnauthorized: false }, undefined],
  ])('switches verification off only where it was: %s', (_, changes, expected) => {
    const { httpsProxy, ...rest } = proxy
    const settings = {
      ...rest,
      ...(httpsProxy !== undefined && !('httpProxy' in changes) && { httpsProxy }),
      ...changes,
    }
    expect(proxyEnvironment(settings)['NODE_TLS_REJECT_UNAUTHORIZED']).toBe(expected)
  })

  it('is printed masked', () => {
    const environment = proxyEnvironment(proxy)
    expect(inspect({ environment }, { showHidden: true, depth: 9 })).not.toContain('CANARY')
    expect(inspect(environment)).toContain('http://user:***@proxy.example.com:3128')
    expect(inspect(environment)).toContain("NO_PROXY: 'localhost,.svc'")
  })
})

describe('sensitiveProxyVariables', () => {
  it('names the variables with user info', () => {
    expect(sensitiveProxyVariables(proxyEnvironment(proxy))).toEqual(['HTTPS_PROXY', 'https_proxy'])
    expect(sensitiveProxyVariables({ http_proxy: 'http://token@proxy', NO_PROXY: 'a@b', OTHER: 'a:b@c' })).toEqual([
      'http_proxy',
    ])
    expect(sensitiveProxyVariables({ NO_HTTP_PROXY: 'a@b', HTTP_PROXY_CONTACT: 'admin@example.com' })).toEqual([])
  })
})

function httpOnly(httpProxy: string): Partial<ProxySettings> {
  return { httpProxy }
}
