import type { LoadedTls } from './hop-tls.js'

/** How long a connection may take unless the caller says otherwise, in seconds. */
export const CONNECT_TIMEOUT = 30

/** Where a tunnel leads. */
export interface TunnelTarget {
  /** Host name or address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
}

/** How a tunnel is opened. */
export interface TunnelOptions {
  /** How to speak with the proxy itself, where its URL is https. */
  readonly tls: LoadedTls
  /** For how many milliseconds the proxy may be silent. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
}
