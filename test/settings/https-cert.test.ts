import { describe, expect, expectTypeOf, it } from 'vitest'
import { type PlatformCaSource, type PlatformHttpsCert, parsePlatformHttpsCert } from '../../src/settings/https-cert.js'
import { planRoute, proxyEnvironment } from '../../src/proxy/index.js'
import type { CaSource, ProxySettings } from '../../src/settings/types.js'

describe('parsePlatformHttpsCert', () => {
  it('reads app.https_cert', () => {
    const config = {
      app: { https_cert: { ca: '/platform-ca.pem', reject_unauthorized: 'false', crt: '/x', key: '/y' } },
    }
    expect(parsePlatformHttpsCert(config)).toEqual({
      scope: 'platform',
      ca: [{ scope: 'platform', source: { path: '/platform-ca.pem' } }],
      rejectUnauthorized: false,
    })
  })

  it('lays the environment over it', () => {
    const env = { APP__HTTPS_CERT__CA: '["/other.pem"]', app__https_cert__reject_unauthorized: 'false' }
    expect(parsePlatformHttpsCert({ app: { https_cert: { ca: '/platform-ca.pem' } } }, { env })).toEqual({
      scope: 'platform',
      ca: [{ scope: 'platform', source: { path: '/other.pem' } }],
      rejectUnauthorized: false,
    })
  })

  it('verifies unless told not to', () => {
    const config = { app: { https_cert: { ca: ['/platform-ca.pem'] } } }
    expect(parsePlatformHttpsCert(config)?.rejectUnauthorized).toBe(true)
  })

  it.each([
    undefined,
    null,
    {},
    { app: null },
    { app: { https_cert: { ca: [], key: null, crt: null } } },
    { app: 'x' },
  ])('is undefined for %j', (config) => {
    expect(parsePlatformHttpsCert(config)).toBeUndefined()
  })

  it('names the key in errors', () => {
    expect(() => parsePlatformHttpsCert({ app: { https_cert: { ca: [1] } } })).toThrow('app.https_cert.ca[0]: found')
    expect(() => parsePlatformHttpsCert({ app: { https_cert: { reject_unauthorized: 'no' } } })).toThrow(
      "app.https_cert.reject_unauthorized: found 'no', expected true or false",
    )
  })
})

/** What fails here fails in `npm run types`: each line says that the one does not compile where the other belongs. */
describe('the two scopes of certificates', () => {
  it('are different types, either way', () => {
    expectTypeOf<PlatformHttpsCert>().not.toExtend<ProxySettings>()
    expectTypeOf<ProxySettings>().not.toExtend<PlatformHttpsCert>()
    expectTypeOf<PlatformCaSource>().not.toExtend<CaSource>()
    expectTypeOf<CaSource>().not.toExtend<PlatformCaSource>()
    expectTypeOf<PlatformHttpsCert['ca']>().not.toExtend<ProxySettings['ca']>()
    expectTypeOf<ProxySettings['ca']>().not.toExtend<PlatformHttpsCert['ca']>()
  })

  it('cannot be handed to what wants the other', () => {
    const platform = parsePlatformHttpsCert({ app: { https_cert: { ca: '/platform-ca.pem' } } })!
    const never = (): unknown => [
      // @ts-expect-error The platform's certificate is not a proxy.
      planRoute('https://registry.example.com', platform),
      // @ts-expect-error The platform's certificate is not a proxy.
      proxyEnvironment(platform),
      // @ts-expect-error The platform's authorities are not the proxy's.
      { httpsProxy: 'http://proxy', ca: platform.ca, rejectUnauthorized: true } satisfies ProxySettings,
      // @ts-expect-error The proxy's authorities are not the platform's.
      { scope: 'platform', ca: [{ path: '/proxy-ca.pem' }], rejectUnauthorized: true } satisfies PlatformHttpsCert,
    ]
    expect(never).toBeTypeOf('function')
  })
})
