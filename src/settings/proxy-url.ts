import { PullpassError } from '../errors.js'
import { MASK } from '../masking.js'
import type { ProxySettings } from './types.js'

/** How a proxy is spoken to. With SOCKS 5, as in Go, the proxy resolves host names. */
export type ProxyProtocol = 'http:' | 'https:' | 'socks5:'

/** A proxy's URL, taken apart. */
export interface ProxyUrl {
  /** The whole of it, with scheme and percent-encoded user info, as Go prints it: case, port and path are kept. */
  readonly uri: string
  /** Scheme, host and, where one is written, port: fit to be shown. */
  readonly origin: string
  readonly protocol: ProxyProtocol
  /** Host name or address, IPv6 without brackets. */
  readonly host: string
  /** As written, else 80, 443 or 1080 by the protocol. */
  readonly port: number
  /** Percent-decoded. */
  readonly username?: string
  /** Percent-decoded. */
  readonly password?: string
}

interface Scheme {
  readonly protocol: ProxyProtocol
  readonly port: number
}

const schemes: ReadonlyMap<string, Scheme> = new Map<string, Scheme>([
  ['http', { protocol: 'http:', port: 80 }],
  ['https', { protocol: 'https:', port: 443 }],
  ['socks5', { protocol: 'socks5:', port: 1080 }],
  ['socks5h', { protocol: 'socks5:', port: 1080 }],
  ['socks', { protocol: 'socks5:', port: 1080 }],
])

/**
 * Reads what an operator wrote for a proxy: a URL, or `host:port` for an `http:` one. It stays as it is, but for the
 * scheme, which is lower-cased or added, and for user info, which is encoded anew.
 *
 * @param field Names the value in errors, which repeat nothing of it but its scheme: the rest may be a password.
 * @throws {PullpassError} `ERR_SETTINGS` for what is no proxy's URL. Go ignores such a value, and goes out directly.
 * @see https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
 */
export function parseProxyUrl(text: string, field: string): ProxyUrl {
  const { scheme, rest } = splitScheme(text.trim())
  const known = schemes.get(scheme)
  if (!known) throw wrong(field, `the scheme '${scheme}'`, `one of ${[...schemes.keys()].join(', ')}`)
  const end = rest.search(/[/?#]/)
  const authority = end === -1 ? rest : rest.slice(0, end)
  const path = end === -1 ? '' : rest.slice(end)
  if (/[@?#]/.test(path)) throw wrong(field, "'@', '?' or '#' behind the host", PROXY_URL, ENCODE)
  const at = authority.lastIndexOf('@')
  const hostAndPort = authority.slice(at + 1)
  if (!isHostAndPort(hostAndPort)) throw wrong(field, 'a host or port that cannot be', PROXY_URL, ENCODE)
  const user = at > 0 ? readUserInfo(authority.slice(0, at), field) : undefined
  const { hostname } = new URL(`http://${hostAndPort}`)
  return {
    uri: `${scheme}://${user ? `${user.encoded}@` : ''}${hostAndPort}${path}`,
    origin: `${scheme}://${hostAndPort}`,
    protocol: known.protocol,
    host: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: Number(/:(\d+)$/.exec(hostAndPort)?.[1] ?? known.port),
    ...user?.decoded,
  }
}

/** The URL with `***` for the password in its user info. It need not be a valid one. */
export function maskProxyUrl(url: string): string {
  const at = url.lastIndexOf('@')
  const scheme = url.indexOf('://')
  const start = scheme === -1 || scheme > at ? 0 : scheme + 3
  const colon = url.indexOf(':', start)
  return colon === -1 || colon > at ? url : `${url.slice(0, colon + 1)}${MASK}${url.slice(at)}`
}

/** A copy of proxy settings, with `***` for the passwords in the URLs. */
export function maskProxySettings(proxy: ProxySettings): ProxySettings {
  const { httpProxy, httpsProxy } = proxy
  return {
    ...proxy,
    ...(httpProxy !== undefined && { httpProxy: maskProxyUrl(httpProxy) }),
    ...(httpsProxy !== undefined && { httpsProxy: maskProxyUrl(httpsProxy) }),
  }
}

const PROXY_URL = "a proxy's URL such as http://proxy.example.com:3128"
const ENCODE = "Percent-encode '@', ':', '/', '?', '#' and '%' in user name and password: 'p@ss' is written 'p%40ss'."

function wrong(field: string, found: string, expected: string, hint?: string): PullpassError {
  return new PullpassError('ERR_SETTINGS', `${field}: found ${found}, expected ${expected}`, { hint })
}

/** As in Go, `proxy:3128` has no scheme, whatever RFC 3986 says. */
function splitScheme(text: string): { scheme: string; rest: string } {
  const mark = text.indexOf('://')
  const scheme = text.slice(0, Math.max(mark, 0))
  if (!/^[A-Za-z][A-Za-z0-9+.-]{0,20}$/.test(scheme)) return { scheme: 'http', rest: text }
  return { scheme: scheme.toLowerCase(), rest: text.slice(mark + 3) }
}

function isHostAndPort(text: string): boolean {
  return text !== '' && !/[\s\\]/.test(text) && URL.canParse(`http://${text}`)
}

interface UserInfo {
  readonly encoded: string
  readonly decoded: { readonly username: string; readonly password?: string }
}

function readUserInfo(text: string, field: string): UserInfo {
  const colon = text.indexOf(':')
  try {
    const username = decodeURIComponent(colon === -1 ? text : text.slice(0, colon))
    if (colon === -1) return { encoded: encodeUserInfo(username), decoded: { username } }
    const password = decodeURIComponent(text.slice(colon + 1))
    return { encoded: `${encodeUserInfo(username)}:${encodeUserInfo(password)}`, decoded: { username, password } }
  } catch {
    throw wrong(field, 'user info that is not percent-encoded UTF-8', PROXY_URL, ENCODE)
  }
}

/** Encodes what Go's `URL.String` encodes there, which is not quite what `encodeURIComponent` does. */
function encodeUserInfo(text: string): string {
  return encodeURIComponent(text)
    .replace(/%(?:24|26|2B|2C|3B|3D)/g, decodeURIComponent)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}
