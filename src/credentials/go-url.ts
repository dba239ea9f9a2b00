/** What is left of a URL for finding credentials. */
export interface GoUrl {
  /** Host and port as written, percent-decoded: `[::1]:5000`. Empty where there is none. */
  readonly host: string
  /** Percent-decoded, without query and fragment. */
  readonly path: string
}

const HOST = /^[A-Za-z0-9\-_.~!$&'()*+,;=:<>"%\u0080-\uffff]*$/
const USER_INFO = /^[A-Za-z0-9\-_.~!$&'()*+,;=:%@]*$/

/**
 * Reads a URL as Go's `net/url` does, which decides for Docker and kubelet what a key in `auths` means. The URL of the
 * Web platform is another: it lower-cases hosts, resolves dots in paths, and accepts more.
 *
 * @returns `undefined` for what `url.Parse` refuses.
 * @see https://pkg.go.dev/net/url#Parse, as of Go 1.26
 */
export function parseGoUrl(text: string): GoUrl | undefined {
  const [url, fragment] = cut(text, '#')
  if (hasControl(url) || decode(fragment) === undefined) return undefined
  const scheme = schemeLength(url)
  if (scheme === undefined) return undefined
  const [rest] = cut(url.slice(scheme), '?')
  if (!rest.startsWith('/')) return scheme > 0 || !cut(rest, '/')[0].includes(':') ? NOWHERE : undefined

  const hasAuthority = rest.startsWith('//') && (scheme > 0 || !rest.startsWith('///'))
  const start = hasAuthority ? 2 : 0
  const slash = hasAuthority ? rest.indexOf('/', start) : 0
  const host = hasAuthority ? parseAuthority(rest.slice(start, slash === -1 ? undefined : slash)) : ''
  const path = decode(slash === -1 ? '' : rest.slice(slash))
  return host === undefined || path === undefined ? undefined : { host, path }
}

/** Host without brackets, and port, as `net/url` takes a `host:port` apart. */
export function splitGoHost({ host }: GoUrl): { hostname: string; port: string } {
  const colon = host.lastIndexOf(':')
  const hasPort = colon !== -1 && isPort(host.slice(colon))
  const hostname = hasPort ? host.slice(0, colon) : host
  const isBracketed = hostname.startsWith('[') && hostname.endsWith(']')
  return { hostname: isBracketed ? hostname.slice(1, -1) : hostname, port: hasPort ? host.slice(colon + 1) : '' }
}

/** An opaque or relative URL: what follows is of no interest without a host. */
const NOWHERE: GoUrl = { host: '', path: '' }

/** With its colon; 0 when there is none; `undefined` when the colon has nothing in front. */
function schemeLength(url: string): number | undefined {
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/.exec(url)
  if (scheme !== null) return scheme[0].length
  return url.startsWith(':') ? undefined : 0
}

function parseAuthority(authority: string): string | undefined {
  const at = authority.lastIndexOf('@')
  const userInfo = authority.slice(0, Math.max(at, 0))
  if (!USER_INFO.test(userInfo) || decode(userInfo) === undefined) return undefined
  return parseHost(authority.slice(at + 1))
}

function parseHost(host: string): string | undefined {
  if (host.includes('[')) return parseBracketed(host)
  const colon = host.indexOf(':')
  if (colon !== -1 && !isPort(host.slice(colon))) return undefined
  return decodeHost(host)
}

function parseBracketed(host: string): string | undefined {
  const end = host.lastIndexOf(']')
  if (host.lastIndexOf('[') !== 0 || !isPort(host.slice(end + 1))) return undefined
  const inside = host.slice(1, end)
  const zone = inside.indexOf('%25')
  const address = zone === -1 ? inside : inside.slice(0, zone)
  const decodedZone = zone === -1 ? '' : decode(inside.slice(zone))
  // A zone is something behind its percent sign.
  if (decodedZone === undefined || decodedZone === '%' || !isIpv6(address)) return undefined
  return `[${address}${decodedZone}]${host.slice(end + 1)}`
}

/** An address with IPv4 inside its last part is one, but not IPv4 as a whole (`::ffff:192.0.2.1`). */
function isIpv6(text: string): boolean {
  if (!/^[0-9a-fA-F:.]{2,45}$/.test(text) || !URL.canParse(`http://[${text}]/`)) return false
  return !new URL(`http://[${text}]/`).hostname.startsWith('[::ffff:')
}

/** A colon and digits, of which there may be none; or nothing. */
function isPort(text: string): boolean {
  return text === '' || /^:\d*$/.test(text)
}

/** In a host, only what is not ASCII may be percent-encoded, and the percent sign. */
function decodeHost(host: string): string | undefined {
  if (!HOST.test(host) || /%[0-7]/.test(host.replaceAll('%25', ''))) return undefined
  return decode(host)
}

/** Percent-decoded; `undefined` when a percent sign has no two digits behind it. What is not UTF-8 matches nothing. */
function decode(text: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined
  try {
    return decodeURIComponent(text)
  } catch {
    return text.replaceAll(/%../g, '\uFFFD')
  }
}

function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const char = text.charCodeAt(index)
    if (char < 32 || char === 127) return true
  }
  return false
}

function cut(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator)
  return index === -1 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)]
}
