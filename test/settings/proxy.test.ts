import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parseProxySettings, proxySettingsFromEnv, resolveProxy } from '../../src/settings/proxy.js'

const proxy = 'http://proxy.example.com:3128'
const asDocumented = { withProxy: true, strictTls: false }

describe('parseProxySettings', () => {
  it('reads the documented keys', () => {
    const settings = parseProxySettings({
      http_proxy: 'proxy.example.com:3128',
      https_proxy: 'https://proxy.example.com:8443',
      no_proxy: 'localhost,127.0.0.1,internal.domain',
      https_proxy_ca: ['/etc/ssl/proxy-ca.pem'],
      https_proxy_reject_unauthorized: false,
    })
    expect(settings).toEqual({
      httpProxy: proxy,
      httpsProxy: 'https://proxy.example.com:8443',
      noProxy: 'localhost,127.0.0.1,internal.domain',
      ca: [{ path: '/etc/ssl/proxy-ca.pem' }],
      rejectUnauthorized: false,
    })
  })

  it('verifies unless told not to', () => {
    expect(parseProxySettings({ https_proxy: proxy })).toEqual({ httpsProxy: proxy, ca: [], rejectUnauthorized: true })
    expect(parseProxySettings({ https_proxy: proxy, https_proxy_reject_unauthorized: 'TRUE' })).toMatchObject({
      rejectUnauthorized: true,
    })
    expect(parseProxySettings({ https_proxy: proxy, https_proxy_reject_unauthorized: ' False' })).toMatchObject({
      rejectUnauthorized: false,
    })
  })

  it('takes the names in capitals, after those in small letters', () => {
    expect(parseProxySettings({ HTTPS_PROXY: 'a', NO_PROXY: 'b' })).toMatchObject({
      httpsProxy: 'http://a',
      noProxy: 'b',
    })
    expect(parseProxySettings({ HTTPS_PROXY: 'a', https_proxy: 'b' })).toMatchObject({ httpsProxy: 'http://b' })
  })

  it('takes a list of hosts', () => {
    expect(parseProxySettings({ https_proxy: proxy, no_proxy: ['a', '.b'] })).toMatchObject({ noProxy: 'a,.b' })
  })

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['no key', {}],
    ["OpenCTI's own default", { http_proxy: '', https_proxy: '', no_proxy: '', https_proxy_ca: [] }],
    ['white space', { https_proxy: ' \n' }],
    ['the rest without a proxy', { no_proxy: 'a', https_proxy_ca: '/ca.pem', https_proxy_reject_unauthorized: false }],
  ])('is undefined for %s', (_, config) => {
    expect(parseProxySettings(config)).toBeUndefined()
  })

  it.each([
    ['a text', 'the configuration: found a string, expected an object'],
    [[proxy], 'the configuration: found a list, expected an object'],
    [{ https_proxy: 3128 }, "https_proxy: found a number, expected a proxy's URL"],
    [{ https_proxy: [proxy] }, "https_proxy: found a list, expected a proxy's URL"],
    [{ https_proxy: proxy, no_proxy: 1 }, 'no_proxy: found a number, expected hosts'],
    [{ https_proxy: proxy, no_proxy: ['a', {}] }, 'no_proxy: found an object, expected hosts'],
    [{ https_proxy: proxy, https_proxy_ca: [1] }, 'https_proxy_ca[0]: found a number, expected the path'],
    [
      { https_proxy: proxy, https_proxy_reject_unauthorized: '0' },
      "https_proxy_reject_unauthorized: found '0', expected true or false",
    ],
    [
      { https_proxy: proxy, https_proxy_reject_unauthorized: 0 },
      'https_proxy_reject_unauthorized: found a number, expected true or false',
    ],
  ])('refuses %j', (config, message) => {
    expect(() => parseProxySettings(config)).toThrow(
      expect.objectContaining({ code: 'ERR_SETTINGS', message: expect.stringContaining(message) as string }),
    )
  })

  it('prints passwords masked, and keeps them', () => {
    const url = 'http://user:CANARY@proxy:3128'
    const settings = parseProxySettings({ http_proxy: url, https_proxy: url })
    expect(inspect({ settings }, { depth: 9, showHidden: true })).not.toContain('CANARY')
    expect(inspect(settings)).toContain("httpsProxy: 'http://user:***@proxy:3128'")
    expect(settings?.httpProxy).toBe(url)
    expect(JSON.stringify(settings)).toContain('CANARY')
  })

  it('leaves the configuration as it was, and cannot be changed itself', () => {
    const config = Object.freeze({ https_proxy: proxy, https_proxy_ca: Object.freeze(['/a.pem']) })
    expect(Object.isFrozen(parseProxySettings(config))).toBe(true)
  })
})

describe('proxySettingsFromEnv', () => {
  it('reads the variables', () => {
    const settings = proxySettingsFromEnv({
      HTTP_PROXY: 'proxy.example.com:3128',
      HTTPS_PROXY: 'socks5h://proxy.example.com',
      NO_PROXY: 'localhost,.svc',
      HTTPS_PROXY_CA: '["/etc/ssl/proxy-ca.pem"]',
      HTTPS_PROXY_REJECT_UNAUTHORIZED: 'false',
    })
    expect(settings).toEqual({
      httpProxy: proxy,
      httpsProxy: 'socks5h://proxy.example.com',
      noProxy: 'localhost,.svc',
      ca: [{ path: '/etc/ssl/proxy-ca.pem' }],
      rejectUnauthorized: false,
    })
  })

  it('prefers capitals, as Go does, unless they are empty', () => {
    expect(proxySettingsFromEnv({ https_proxy: 'small', HTTPS_PROXY: 'large' })?.httpsProxy).toBe('http://large')
    expect(proxySettingsFromEnv({ https_proxy: 'small', HTTPS_PROXY: '' })?.httpsProxy).toBe('http://small')
    expect(proxySettingsFromEnv({ https_proxy: 'small', no_proxy: 'a' })).toMatchObject({ noProxy: 'a' })
  })

  it('reads numbered certificate authorities, in the order of their numbers', () => {
    const env = {
      HTTPS_PROXY: proxy,
      HTTPS_PROXY_CA__10: '/10.pem',
      HTTPS_PROXY_CA__2: '/2.pem',
      https_proxy_ca__0: '/small.pem',
      HTTPS_PROXY_CA__0: '/0.pem',
      HTTPS_PROXY_CA__1: '',
    }
    expect(proxySettingsFromEnv(env)?.ca).toEqual([{ path: '/0.pem' }, { path: '/2.pem' }, { path: '/10.pem' }])
    expect(proxySettingsFromEnv({ ...env, HTTPS_PROXY_CA: '/one.pem' })?.ca).toEqual([{ path: '/one.pem' }])
  })

  it('does not look at ALL_PROXY, as Go does not', () => {
    expect(proxySettingsFromEnv({ ALL_PROXY: proxy, all_proxy: proxy })).toBeUndefined()
  })

  it('names the variable in errors', () => {
    expect(() => proxySettingsFromEnv({ HTTPS_PROXY: 'ftp://proxy' })).toThrow("HTTPS_PROXY: found the scheme 'ftp'")
    expect(() => proxySettingsFromEnv({ HTTPS_PROXY: proxy, HTTPS_PROXY_CA: '[' })).toThrow('HTTPS_PROXY_CA: found')
  })
})

describe('resolveProxy', () => {
  const config = { https_proxy: proxy, https_proxy_reject_unauthorized: true }

  it('uses no proxy unless with_proxy says so, whatever is set', () => {
    const broken = { https_proxy: 'ftp://nonsense' }
    expect(resolveProxy(broken, { HTTPS_PROXY: proxy }, { ...asDocumented, withProxy: false })).toEqual({
      warnings: [],
    })
  })

  it('lets the configuration win over the environment, key by key', () => {
    const env = { HTTPS_PROXY: 'ftp://never-looked-at', NO_PROXY: 'from-env', HTTPS_PROXY_CA: '/env.pem' }
    const { proxy: settings, warnings } = resolveProxy({ ...config, no_proxy: '' }, env, asDocumented)
    expect(settings).toEqual({
      httpsProxy: proxy,
      noProxy: 'from-env',
      ca: [{ path: '/env.pem' }],
      rejectUnauthorized: true,
    })
    expect(warnings).toEqual([])
  })

  it('takes the environment alone', () => {
    expect(resolveProxy(undefined, { HTTP_PROXY: proxy }, asDocumented).proxy).toMatchObject({ httpProxy: proxy })
  })

  it('says so when with_proxy finds no proxy', () => {
    const { proxy: settings, warnings } = resolveProxy({}, {}, asDocumented)
    expect(settings).toBeUndefined()
    expect(warnings).toEqual([expect.stringContaining('neither http_proxy nor https_proxy is set')])
  })

  describe('whether certificates are verified', () => {
    it.each([
      ['absent, as OpenCTI documents it', undefined, false, false, 'https_proxy_reject_unauthorized is not set'],
      ['absent, with strictTls', undefined, true, true, undefined],
      ['true', true, false, true, undefined],
      ['false', false, false, false, 'https_proxy_reject_unauthorized is false'],
      ['false, with strictTls', false, true, false, 'https_proxy_reject_unauthorized is false'],
    ])('%s', (_, value, strictTls, verified, warning) => {
      const written = { https_proxy: proxy, https_proxy_reject_unauthorized: value }
      const { proxy: settings, warnings } = resolveProxy(written, {}, { withProxy: true, strictTls })
      expect(settings?.rejectUnauthorized).toBe(verified)
      expect(warnings).toEqual(warning === undefined ? [] : [expect.stringContaining(warning)])
    })

    it('names the variable that switched it off', () => {
      const env = { HTTPS_PROXY: proxy, HTTPS_PROXY_REJECT_UNAUTHORIZED: 'false' }
      expect(resolveProxy({}, env, asDocumented).warnings).toEqual([
        'HTTPS_PROXY_REJECT_UNAUTHORIZED is false: certificates are not verified on connections through the proxy',
      ])
    })
  })

  describe("the platform's own certificate beside a proxy", () => {
    const app = { https_cert: { ca: ['/platform-ca.pem'], reject_unauthorized: false } }

    it('is not used, and a warning says which keys were meant', () => {
      const { proxy: settings, warnings } = resolveProxy(
        { https_proxy: proxy, app },
        {},
        { ...asDocumented, strictTls: true },
      )
      expect(settings).toMatchObject({ ca: [], rejectUnauthorized: true })
      expect(warnings).toEqual([
        expect.stringMatching(/app\.https_cert\.ca is for the platform.*set https_proxy_ca$/),
        expect.stringMatching(/app\.https_cert\.reject_unauthorized is for.*set https_proxy_reject_unauthorized$/),
      ])
    })

    it.each([
      ['the proxy has keys of its own', { ...config, app, https_proxy_ca: '/ca.pem' }],
      ['there is no https proxy', { ...config, https_proxy: '', http_proxy: proxy, app }],
      ['it says nothing', { ...config, app: { https_cert: { ca: [], key: null, reject_unauthorized: null } } }],
      ['it is something else', { ...config, app: 'x' }],
    ])('is no matter when %s', (_, written) => {
      expect(resolveProxy(written, {}, asDocumented).warnings).toEqual([])
    })
  })
})
