import { MASK } from '../masking.js'
import { cutSecrets } from './known-secrets.js'

/** Names of values that are secret wherever they stand as `name=value`, `"name":"value"` or `name: value`. */
const secretNames = [
  'password',
  'passwd',
  'secret',
  'token',
  'apikey',
  'api_key',
  'auth',
  'signature',
  'sig',
  'credential',
  'authorization',
  'x-registry-auth',
]

/** Names whose whole line is the secret. */
const headerNames = ['authorization', 'x-registry-auth']

/** Query parameters of registries, token services and engines that hold no secret; the value of any other is cut. */
const plainParameters = new Set(['scope', 'service', 'fromimage', 'tag', 'platform', 'repo', 'ns', 'n', 'last'])

/** How well-known registries and forges begin their tokens; `eyJ` is a JSON object in base64. */
const tokenPrefixes = ['ghp_', 'gho_', 'ghs_', 'ghu_', 'github_pat_', 'glpat-', 'gldt-', 'dckr_', 'akcp', 'eyj']

/**
 * Takes out of a text what is secret by its form: the password of a URL, the value of a query parameter, an
 * `Authorization` or `X-Registry-Auth` header, fields named like a password or a token, and tokens known by how they
 * begin. Each is replaced by `***`; what names a registry, a user or an image stays. Runs in linear time.
 *
 * @param secrets What is known to be secret, whatever its form: what was sent, and may be repeated.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  const rest = cutSecrets(text, secrets)
  return cutKnownTokens(cutUserInfo(cutQueries(cutSchemes(cutNamedValues(cutUnparsedUrls(rest))))))
}

/** A URL that Go could not parse is quoted as it was written, password and all, and has no form to find it by. */
function cutUnparsedUrls(text: string): string {
  return replaceAfter(text, 'parse "', (from) => {
    let end = endOf(text, from, '"')
    while (text[end - 1] === '\\' && end < text.length) end = endOf(text, end + 1, '"')
    return end === text.length || text.slice(from, end).includes('@') ? end : from
  })
}

function cutNamedValues(text: string): string {
  return secretNames.reduce(cutNamedValue, text)
}

function cutNamedValue(text: string, name: string): string {
  const lower = text.toLowerCase()
  let out = ''
  let done = 0
  for (let at = lower.indexOf(name); at >= 0; at = lower.indexOf(name, at + name.length)) {
    if (at < done || isOtherName(name, lower[at - 1])) continue
    const value = valueAfter(text, at + name.length, name)
    if (!value) continue
    out += text.slice(done, value.from) + MASK
    done = value.to
  }
  return out + text.slice(done)
}

/** `acme/token:v1` is an image, not a token; an `identitytoken` is one, and a `design` no `sig`. */
function isOtherName(name: string, before = ' '): boolean {
  return before === '/' || (name.length < 5 && before >= 'a' && before <= 'z')
}

function valueAfter(text: string, nameEnd: number, name: string): { from: number; to: number } | undefined {
  let at = skip(text, nameEnd, '\\"\'')
  at = skip(text, at, ' ')
  const separator = text[at]
  if (separator !== ':' && separator !== '=') return undefined
  const spaced = text[at + 1] === ' '
  at = skip(text, at + 1, ' ')
  const from = skip(text, at, '\\"\'<')
  if (from > at) return { from, to: endOf(text, from, '\\"\'>') }
  if (headerNames.includes(name)) {
    // Podman: failed to parse "X-Registry-Auth" header for ...: the words after it are no value of it.
    return { from, to: endOf(text, from, '\r\n"\'') }
  }
  const to = endOf(text, from, ' \t\r\n"\'\\,;&)}]<>')
  const certain = separator === '=' || (!spaced && name.startsWith('pass'))
  return to > from && (certain || looksRandom(text.slice(from, to), 6)) ? { from, to } : undefined
}

function cutSchemes(text: string): string {
  return ['bearer ', 'basic '].reduce((all, scheme) => {
    return replaceAfter(all, scheme, (from) => {
      const end = endOf(all, from, ' \t\r\n"\'\\,;')
      const value = all.slice(from, end)
      return looksRandom(value, 8) && !value.startsWith('realm') ? end : from
    })
  }, text)
}

/** The text with what `endFor` says cut after each `marker`, whose letters may be of either case. */
function replaceAfter(text: string, marker: string, endFor: (from: number) => number): string {
  const lower = text.toLowerCase()
  let out = ''
  let done = 0
  for (let at = lower.indexOf(marker); at >= 0; at = lower.indexOf(marker, at + marker.length)) {
    const from = at + marker.length
    if (from < done) continue
    const to = endFor(from)
    if (to <= from) continue
    out += text.slice(done, from) + MASK
    done = to
  }
  return out + text.slice(done)
}

/** Prose is letters of one case; a token has digits, the padding of base64 or capitals in its middle. */
function looksRandom(value: string, shortest: number): boolean {
  if (value.length < shortest) return false
  let odd = value.endsWith('=') && value.length % 4 === 0
  let previous = ''
  for (const char of value) {
    const lower = char >= 'a' && char <= 'z'
    const upper = char >= 'A' && char <= 'Z'
    const digit = char >= '0' && char <= '9'
    if (!lower && !upper && !digit && !'+/=._~-%$!'.includes(char)) return false
    if (digit || (upper && previous >= 'a' && previous <= 'z')) odd = true
    previous = char
  }
  return odd
}

const URL_END = ' \t\r\n"\'\\<>`'

function cutQueries(text: string): string {
  return replaceUrls(text, (url) => {
    const query = url.indexOf('?')
    if (query < 0) return url
    const parameters = url.slice(query + 1).split('&')
    return url.slice(0, query + 1) + parameters.map(cutParameter).join('&')
  })
}

function cutParameter(parameter: string): string {
  const equals = parameter.indexOf('=')
  if (equals < 0 || plainParameters.has(parameter.slice(0, equals).toLowerCase())) return parameter
  // A URL in Go's words ends with a colon that is not its own.
  return `${parameter.slice(0, equals + 1)}${MASK}${parameter.endsWith(':') ? ':' : ''}`
}

function replaceUrls(text: string, replace: (url: string) => string): string {
  let out = ''
  let done = 0
  for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', Math.max(done, at + 3))) {
    const end = endOf(text, at, URL_END)
    out += text.slice(done, at) + replace(text.slice(at, end))
    done = end
  }
  return out + text.slice(done)
}

/** `scheme://user:password@host`, and the same without a scheme: proxies are written so too. */
function cutUserInfo(text: string): string {
  let out = ''
  for (let at = 0; at < text.length;) {
    const end = endOf(text, at, URL_END)
    out += end > at ? cutTokenUserInfo(text.slice(at, end)) : text.slice(at, end + 1)
    at = end > at ? end : end + 1
  }
  return out
}

function cutTokenUserInfo(token: string): string {
  const scheme = token.indexOf('://')
  const start = scheme < 0 ? 0 : scheme + 3
  const query = token.indexOf('?', start)
  const at = lastUserInfoEnd(token.slice(0, query < 0 ? token.length : query))
  if (at < start) return scheme < 0 ? token : cutOddPort(token, start)
  const colon = token.indexOf(':', start)
  if (colon >= 0 && colon < at) return `${token.slice(0, colon + 1)}${MASK}${token.slice(at)}`
  return scheme < 0 ? token : `${token.slice(0, start)}${MASK}${token.slice(at)}`
}

/** What stands where a port should is a password, if it is no number: its host was cut off. `docker://name:tag` is not. */
function cutOddPort(token: string, start: number): string {
  const colon = token.indexOf(':', start)
  if (colon < 0 || token.startsWith('docker:') || token.charAt(start) === '[') return token
  const end = endOf(token, colon + 1, '/?#:,;)')
  const port = token.slice(colon + 1, end)
  return /^\d*$/.test(port) ? token : `${token.slice(0, colon + 1)}${MASK}${token.slice(end)}`
}

/** Where the last `@` is that is not the one before a digest. A password may hold `/` and `@`. */
function lastUserInfoEnd(token: string): number {
  let at = token.lastIndexOf('@')
  while (at > 0 && isDigest(token, at + 1)) at = token.lastIndexOf('@', at - 1)
  return at > 0 && !isDigest(token, at + 1) ? at : -1
}

function isDigest(token: string, at: number): boolean {
  return ['sha256:', 'sha384:', 'sha512:', 'md5:'].some((algorithm) => token.startsWith(algorithm, at))
}

function cutKnownTokens(text: string): string {
  return tokenPrefixes.reduce((all, prefix) => {
    return replaceAfter(all, prefix, (from) => {
      const end = endOf(all, from, ' \t\r\n"\'\\,;:&)}]<>')
      return end - from >= 10 ? end : from
    })
  }, text)
}

function skip(text: string, from: number, chars: string): number {
  let at = from
  while (at < text.length && chars.includes(text.charAt(at))) at++
  return at
}

function endOf(text: string, from: number, delimiters: string): number {
  let at = from
  while (at < text.length && !delimiters.includes(text.charAt(at))) at++
  return at
}
