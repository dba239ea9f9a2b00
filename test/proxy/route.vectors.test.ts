import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { planRoute } from '../../src/proxy/index.js'
import { parseProxySettings, proxySettingsFromEnv } from '../../src/settings/proxy.js'
import type { ProxySettings } from '../../src/settings/types.js'

interface Vector {
  readonly httpProxy?: string
  readonly httpsProxy?: string
  readonly noProxy: string
  readonly url: string
  /** Empty for none. */
  readonly proxy: string
}

const file = new URL('../vectors/no-proxy.json', import.meta.url)
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vector[]

function decide({ url }: Vector, proxy: ProxySettings | undefined): string {
  const route = planRoute(url, proxy)
  return route.kind === 'proxy' ? route.uri : ''
}

describe('planRoute against what Go decided', () => {
  it.each([
    [
      'from a configuration',
      ({ httpProxy, httpsProxy, noProxy }: Vector) =>
        parseProxySettings({ http_proxy: httpProxy, https_proxy: httpsProxy, no_proxy: noProxy }),
    ],
    [
      'from the environment',
      ({ httpProxy, httpsProxy, noProxy }: Vector) =>
        proxySettingsFromEnv({ HTTP_PROXY: httpProxy, HTTPS_PROXY: httpsProxy, NO_PROXY: noProxy }),
    ],
    [
      'from settings as they stand',
      ({ httpProxy, httpsProxy, noProxy }: Vector): ProxySettings => ({
        ...(httpProxy !== undefined && { httpProxy }),
        ...(httpsProxy !== undefined && { httpsProxy }),
        noProxy,
        ca: [],
        rejectUnauthorized: true,
      }),
    ],
  ])('%s, in every vector', (_, settings) => {
    const differing = vectors.filter((vector) => decide(vector, settings(vector)) !== vector.proxy)
    expect(differing).toEqual([])
    expect(vectors.length).toBeGreaterThanOrEqual(1500)
  })
})
