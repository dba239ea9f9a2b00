import { readCaList } from './ca-list.js'
import { readFlag } from './flag.js'
import { isNothing } from './proxy-lookup.js'
import type { CaSource } from './types.js'

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
 * @returns `undefined` when neither is there.
 * @throws {PullpassError} `ERR_SETTINGS`, naming the key, for a value of the wrong type.
 */
export function parsePlatformHttpsCert(config: unknown): PlatformHttpsCert | undefined {
  const { ca, reject_unauthorized: reject } = platformHttpsCertKeys(config)
  if (ca === undefined && reject === undefined) return undefined
  const sources = readCaList(ca, 'app.https_cert.ca')
  return {
    scope: 'platform',
    ca: sources.map((source) => ({ scope: 'platform', source })),
    rejectUnauthorized: readFlag(reject, 'app.https_cert.reject_unauthorized') ?? true,
  }
}

/** The two keys as written, those left out that say nothing (`ca: []`). */
export function platformHttpsCertKeys(config: unknown): { ca?: unknown; reject_unauthorized?: unknown } {
  const cert = objectAt(objectAt(config, 'app'), 'https_cert')
  return Object.fromEntries(
    ['ca', 'reject_unauthorized'].flatMap((key) => (isNothing(cert[key]) ? [] : [[key, cert[key]]])),
  )
}

/** What is not an object there is none of our business. */
function objectAt(parent: unknown, key: string): Readonly<Record<string, unknown>> {
  const value = (parent as Record<string, unknown> | null | undefined)?.[key]
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
