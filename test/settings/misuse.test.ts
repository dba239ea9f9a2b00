import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parseOpenCtiSettings, proxySettingsFromEnv } from '../../src/settings/index.js'

const daemon = (more: object): object => ({ opencti: { daemon: more } })

describe('a secret in the wrong place', () => {
  it.each([
    ['a flag', daemon({ with_proxy: 'http://user:canary@proxy:3128' })],
    ['a number', daemon({ registry: { token_ttl: 'https://user:canary@registry.example.com' } })],
    ['the selector', daemon({ selector: 'user:canary@docker' })],
    ['the server', daemon({ registry: { server: 'https://user:canary@registry.example.com' } })],
    ['a query of the server', daemon({ registry: { server: 'registry.example.com?token=canary' } })],
    [
      'another flag',
      { ...daemon({ with_proxy: true }), https_proxy: 'p:1', https_proxy_reject_unauthorized: 'x:canary@y' },
    ],
    ['a CA list', { ...daemon({ with_proxy: true }), https_proxy: 'p:1', https_proxy_ca: { 'u:canary@h': '/a' } }],
    ['a proxy', { ...daemon({ with_proxy: true }), https_proxy: 'http://user:canary@/' }],
  ])('is not shown: %s', (_, config) => {
    let error: unknown
    try {
      parseOpenCtiSettings(config)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ code: 'ERR_SETTINGS' })
    expect(inspect(error)).not.toContain('canary')
  })

  it('is not shown: a key', () => {
    const { warnings } = parseOpenCtiSettings(
      daemon({ registry: { 'https://user:canary@registry.example.com': null } }),
    )
    expect(warnings).toEqual([expect.stringContaining('***@registry.example.com is not a known key')])
    expect(warnings.join()).not.toContain('canary')
  })
})

describe('credentials of one place', () => {
  const config = (server: string, url: string): object =>
    daemon({ registry: { server, username: 'u', password: 'p' }, docker: { registry: { url } } })

  it.each([
    ['registry.example.com/team', 'registry.example.com/other'],
    ['registry.example.com/team', 'registry.example.com'],
    ['registry.example.com', 'registry.example.com:5000'],
  ])('of %s are not those of %s', (server, url) => {
    expect(parseOpenCtiSettings(config(server, url), { orchestrator: 'docker' }).registry).toEqual({
      server: url,
      insecure: false,
    })
  })

  it('are those of the same place written in another way', () => {
    const { registry } = parseOpenCtiSettings(
      config('registry.example.com/team', 'https://registry.example.com/team/'),
      {
        orchestrator: 'docker',
      },
    )
    expect(registry).toMatchObject({ username: 'u', password: 'p' })
  })
})

describe('the platform’s own certificate, set by the environment', () => {
  it('is not taken for the proxy’s, and that is said', () => {
    const env = { HTTPS_PROXY: 'proxy:3128', APP__HTTPS_CERT__CA: '/platform-ca.pem' }
    const { proxy, warnings } = parseOpenCtiSettings(daemon({ with_proxy: true }), { env })
    expect(proxy?.ca).toEqual([])
    expect(warnings).toContainEqual(expect.stringContaining('app.https_cert.ca is for the platform'))
  })
})

describe('an option of the wrong type', () => {
  it.each([
    ['options', 'x'],
    ['orchestrator', { orchestrator: 'Docker' }],
    ['strictTls', { strictTls: 'false' }],
    ['env', { env: null }],
  ])('is named: %s', (option, options) => {
    const attempt = (): unknown => parseOpenCtiSettings({}, options as never)
    expect(attempt).toThrow(TypeError)
    expect(attempt).toThrow(option)
  })

  it('is named: env of proxySettingsFromEnv', () => {
    expect(() => proxySettingsFromEnv(undefined as never)).toThrow(
      new TypeError('env must be an object, not undefined'),
    )
  })
})
