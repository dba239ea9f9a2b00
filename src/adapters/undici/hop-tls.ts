import { type ConnectionOptions, createSecureContext, getCACertificates } from 'node:tls'
import type { ProxyRoute } from '../../proxy/route.js'

/**
 * TLS towards the target, as Node spells it: what a server that has its own authority, or asks for a client
 * certificate, needs. `ca` takes the place of the default roots, as it does everywhere in Node.
 */
export type TargetTls = Pick<
  ConnectionOptions,
  'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'servername' | 'rejectUnauthorized' | 'checkServerIdentity'
>

/** What the operator says of TLS on connections through the proxy: certificates (PEM) to add to what is trusted. */
export interface ProxyTrust {
  readonly ca: readonly string[]
  readonly rejectUnauthorized: boolean
}

/** TLS to the target through the proxy: `target`, with the proxy's authorities trusted too. */
export function tlsThroughProxy(trust: ProxyTrust, target: TargetTls): TargetTls {
  const ca = trust.ca.length === 0 ? target.ca : [...list(target.ca ?? getCACertificates('default')), ...trust.ca]
  const rejectUnauthorized = trust.rejectUnauthorized && target.rejectUnauthorized !== false
  return { ...target, ...(ca !== undefined && { ca }), rejectUnauthorized }
}

/** TLS of one hop with everything loaded. */
export type LoadedTls = Pick<
  ConnectionOptions,
  'secureContext' | 'servername' | 'rejectUnauthorized' | 'checkServerIdentity'
>

/** TLS to the proxy itself, where its URL is `https:`. */
export function loadTlsToProxy({ protocol, proxyTls }: ProxyRoute, ca: readonly string[]): LoadedTls {
  return protocol === 'https:' ? loadTls(tlsThroughProxy({ ...proxyTls, ca }, {})) : {}
}

/** Loads what `tls` names, once for all connections: to load all roots takes as long as a handshake. */
export function loadTls({ ca, cert, key, pfx, passphrase, ...rest }: TargetTls): LoadedTls {
  return { ...rest, secureContext: createSecureContext({ ca, cert, key, pfx, passphrase }) }
}

function list(ca: NonNullable<TargetTls['ca']>): (string | Buffer)[] {
  return Array.isArray(ca) ? ca : [ca]
}
