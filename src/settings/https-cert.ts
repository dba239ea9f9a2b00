import { readCaList } from './ca-list.js'
import { environmentReader } from './environment.js'
import { readFlag } from './flag.js'
import { isNothing } from './proxy-lookup.js'
import type { CaSource, Env } from './types.js'

/**
 * A certificate authority of the platform's own HTTPS server. On purpose another shape than {@link CaSource}: it does
 * not belong on a connection through the proxy.
 */
export interface PlatformCaSource {
  readonly scope: 'platform'
  readonly source: CaSource
}

/**
 * `app.https_cert`: TLS of the platform's own HTTPS server. Nothing that pulls images heeds it; connections through the
 * proxy have `https_proxy_ca` and `https_proxy_reject_unauthorized`.
 */
export interface PlatformHttpsCert {
  readonly scope: 'platform'
  /** `app.https_cert.ca` */
  readonly ca: readonly PlatformCaSource[]
  /** `app.https_cert.reject_unauthorized`. Default `true`. */
  readonly rejectUnauthorized: boolean
}

/**
 * Reads `app.https_cert` of an operator's configuration: `ca`, in every form that {@link parseCaList} knows, and
 * `reject_unauthorized`. Other keys (`key`, `crt`) are not looked at.
 *
 * @param options `env`: environment variables to lay over it (`APP__HTTPS_CERT__CA`). None by default.
 * @returns `undefined` when neither is there.
 * @throws {PullpassError} `ERR_SETTINGS`, naming the key, for a value of the wrong type.
 */
export function parsePlatformHttpsCert(
  config: unknown,
  { env = {} }: { readonly env?: Env } = {},
): PlatformHttpsCert | undefined {
  const { ca, reject_unauthorized: reject } = platformHttpsCertKeys(config, env)
  if (ca === undefined && reject === undefined) return undefined
  const sources = readCaList(ca, 'app.https_cert.ca')
  return {
    scope: 'platform',
    ca: sources.map((source) => ({ scope: 'platform', source })),
    rejectUnauthorized: readFlag(reject, 'app.https_cert.reject_unauthorized') ?? true,
  }
}

/** The two keys as written, those left out that say nothing (`ca: []`). */
export function platformHttpsCertKeys(config: unknown, env: Env): { ca?: unknown; reject_unauthorized?: unknown } {
  const cert = objectAt(objectAt(config, 'app'), 'https_cert')
  const variable = environmentReader(env)
  const written = ['ca', 'reject_unauthorized'].map(
    (key) => [key, variable(`app.https_cert.${key}`)?.value ?? cert[key]] as const,
  )
  return Object.fromEntries(written.filter(([, value]) => !isNothing(value)))
}

/** What is not an object there is none of our business. */
function objectAt(parent: unknown, key: string): Readonly<Record<string, unknown>> {
  const value = (parent as Record<string, unknown> | null | undefined)?.[key]
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
