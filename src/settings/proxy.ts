import { PullpassError } from '../errors.js'
import { kindOf } from '../kind-of.js'
import { printedAs } from '../masking.js'
import { readCaList } from './ca-list.js'
import { readFlag } from './flag.js'
import { platformHttpsCertKeys } from './https-cert.js'
import { type ProxyLookup, type Written, lookupInConfig, lookupInEnvironment } from './proxy-lookup.js'
import { maskProxySettings, parseProxyUrl } from './proxy-url.js'
import type { Env, ProxySettings } from './types.js'

/**
 * Reads a proxy from a JSON configuration: `http_proxy`, `https_proxy`, `no_proxy`, `https_proxy_ca` (see
 * {@link parseCaList}) and `https_proxy_reject_unauthorized`, which is `true` unless set. The names in capitals do as
 * well. A proxy without a scheme is an `http:` one.
 *
 * @param config The object whose keys these are.
 * @returns `undefined` when neither `http_proxy` nor `https_proxy` says anything.
 * @throws {PullpassError} `ERR_SETTINGS`, naming the key, what was found (never a password) and what is expected.
 */
export function parseProxySettings(config: unknown): ProxySettings | undefined {
  return readProxy(lookupInConfig(config), true)
}

/**
 * Reads a proxy from environment variables: `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`, `HTTPS_PROXY_CA` (also numbered:
 * `HTTPS_PROXY_CA__0`, …) and `HTTPS_PROXY_REJECT_UNAUTHORIZED`, which is `true` unless set. In capitals or in small
 * letters; as in Go, capitals win, empty values count as not set, and `ALL_PROXY` is not looked at.
 *
 * @param env Such as `process.env`.
 * @returns `undefined` when neither `HTTP_PROXY` nor `HTTPS_PROXY` says anything.
 * @throws {PullpassError} `ERR_SETTINGS`, naming the variable, what was found (never a password) and what is expected.
 * @see https://pkg.go.dev/golang.org/x/net/http/httpproxy#FromEnvironment
 */
export function proxySettingsFromEnv(env: Env): ProxySettings | undefined {
  return readProxy(lookupInEnvironment(env), true)
}

/** How {@link resolveProxy} decides. */
export interface ResolveProxyOptions {
  /** `opencti.daemon.with_proxy`: `false` means no proxy, environment or not. */
  readonly withProxy: boolean
  /** Verify certificates through the proxy unless the configuration says not to. */
  readonly strictTls: boolean
}

/**
 * The proxy of an OpenCTI configuration: its keys are at the root of `config`, and each wins over the environment
 * variable of that name. Where nothing says whether to verify certificates, OpenCTI's documented default holds: not.
 *
 * @throws {PullpassError} `ERR_SETTINGS`, as {@link parseProxySettings}.
 */
export function resolveProxy(
  config: unknown,
  env: Env,
  { withProxy, strictTls }: ResolveProxyOptions,
): { readonly proxy?: ProxySettings; readonly warnings: readonly string[] } {
  if (!withProxy) return { warnings: [] }
  const configured = lookupInConfig(config)
  const fromEnvironment = lookupInEnvironment(env)
  const lookup: ProxyLookup = (key) => configured(key) ?? fromEnvironment(key)
  const proxy = readProxy(lookup, strictTls)
  if (!proxy) {
    return {
      warnings: ['opencti.daemon.with_proxy is true, and neither http_proxy nor https_proxy is set: no proxy is used'],
    }
  }
  return {
    proxy,
    warnings: [
      ...verificationWarnings(proxy, lookup),
      ...scopeWarnings(proxy, lookup, platformHttpsCertKeys(config, env)),
    ],
  }
}

/**
 * A sentence for a proxy that is written somewhere, for when `with_proxy` is not true. No warning: other programs have
 * their proxy in the same variables, and OpenCTI's platform has its own in the same keys.
 *
 * @returns `undefined` where no proxy is written.
 */
export function unusedProxy(config: unknown, env: Env): string | undefined {
  const lookups = [lookupInConfig(config), lookupInEnvironment(env)]
  const fields = lookups.flatMap((lookup) => [lookup('http_proxy')?.field, lookup('https_proxy')?.field])
  const written = fields.find((field) => field !== undefined)
  return written === undefined ? undefined : `${written} is not used: opencti.daemon.with_proxy is not true`
}

function verificationWarnings(proxy: ProxySettings, lookup: ProxyLookup): string[] {
  if (proxy.rejectUnauthorized) return []
  const written = lookup('https_proxy_reject_unauthorized')
  if (written) return [`${written.field} is false: certificates are not verified on connections through the proxy`]
  return [
    'https_proxy_reject_unauthorized is not set: certificates are not verified on connections through the proxy, as ' +
      "OpenCTI documents it. Set it to true, with the proxy's certificate authority in https_proxy_ca",
  ]
}

/** `app.https_cert` beside an https proxy that has no such keys of its own: it was probably meant for the proxy. */
function scopeWarnings(
  proxy: ProxySettings,
  lookup: ProxyLookup,
  platform: ReturnType<typeof platformHttpsCertKeys>,
): string[] {
  if (proxy.httpsProxy === undefined) return []
  const confused = (
    [
      ['ca', 'https_proxy_ca'],
      ['reject_unauthorized', 'https_proxy_reject_unauthorized'],
    ] as const
  ).filter(([platformKey, key]) => platform[platformKey] !== undefined && !lookup(key))
  return confused.map(
    ([platformKey, key]) =>
      `app.https_cert.${platformKey} is for the platform's own HTTPS server, and is not used for the proxy: ` +
      `if that was meant, set ${key}`,
  )
}

function readProxy(lookup: ProxyLookup, rejectByDefault: boolean): ProxySettings | undefined {
  const httpProxy = readUrl(lookup('http_proxy'))
  const httpsProxy = readUrl(lookup('https_proxy'))
  if (httpProxy === undefined && httpsProxy === undefined) return undefined
  const noProxy = readNoProxy(lookup('no_proxy'))
  const ca = lookup('https_proxy_ca')
  const reject = lookup('https_proxy_reject_unauthorized')
  return masked({
    ...(httpProxy !== undefined && { httpProxy }),
    ...(httpsProxy !== undefined && { httpsProxy }),
    ...(noProxy !== undefined && { noProxy }),
    ca: ca ? readCaList(ca.value, ca.field) : [],
    rejectUnauthorized: (reject && readFlag(reject.value, reject.field)) ?? rejectByDefault,
  })
}

function readUrl(written: Written | undefined): string | undefined {
  if (!written) return undefined
  const { value, field } = written
  if (typeof value === 'string') return parseProxyUrl(value, field).uri
  throw new PullpassError('ERR_SETTINGS', `${field}: found ${kindOf(value)}, expected a proxy's URL`)
}

function readNoProxy(written: Written | undefined): string | undefined {
  if (!written) return undefined
  const { value, field } = written
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  const odd = list.find((entry) => typeof entry !== 'string')
  if (odd === undefined) return list.join(',')
  throw new PullpassError('ERR_SETTINGS', `${field}: found ${kindOf(odd)}, expected hosts, as a list or between commas`)
}

/** Frozen, since the routes of a proxy are compiled once. */
function masked(proxy: ProxySettings): ProxySettings {
  return Object.freeze(printedAs(proxy, () => maskProxySettings(proxy)))
}
