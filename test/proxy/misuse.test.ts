import { describe, expect, it } from 'vitest'
import { planRoute, proxyEnvironment, runtimeProxyConfig, splitPemCertificates } from '../../src/proxy/index.js'
import type { ProxySettings } from '../../src/settings/index.js'

describe('settings that nobody parsed', () => {
  const bare = { httpsProxy: 'http://proxy.example.com:3128' } as ProxySettings

  it('verify certificates', () => {
    const tls = { ca: [], rejectUnauthorized: true }
    expect(planRoute('https://registry.example.com', bare)).toMatchObject({ proxyTls: tls, targetTls: tls })
    expect(proxyEnvironment(bare)).not.toHaveProperty('NODE_TLS_REJECT_UNAUTHORIZED')
  })
})

describe('what is not what it should be', () => {
  it.each<[string, () => unknown]>([
    ['proxy', () => planRoute('https://registry.example.com', 'http://user:hunter2@proxy' as never)],
    ['url', () => planRoute(undefined as never, undefined)],
    ['url', () => planRoute({} as never, undefined)],
    ['url', () => planRoute(['https://registry.example.com'] as never, undefined)],
    ['proxy', () => proxyEnvironment(undefined as never)],
    ['proxy', () => runtimeProxyConfig('hunter2' as never)],
    ['PEM', () => splitPemCertificates(undefined as never)],
  ])('is named, and not shown: %s', (name, attempt) => {
    expect(attempt).toThrow(TypeError)
    expect(attempt).toThrow(name)
    expect(attempt).not.toThrow('hunter2')
  })
})
