import { parseGoUrl } from './go-url.js'

/** Where a key of a pull secret, or an image, is: what kubelet compares. */
export interface Place {
  /** Host without its port and, when it has one, without the brackets of IPv6. With capitals as written. */
  readonly host: string
  /** Empty where there is none. */
  readonly port: string
  /** With its leading slash. Empty where there is none. */
  readonly path: string
}

/** A key as kubelet files it. */
export interface KeyringKey extends Place {
  /** Host, port and path in one: kubelet tries keys in the reverse order of these. */
  readonly name: string
}

/**
 * Reads a key of `auths` as kubelet does: scheme, user info, query and `/v1` or `/v2` in front of a path fall away.
 *
 * @returns `undefined` for a key that kubelet cannot read, or that cannot match for how kubelet reads it.
 * @see https://github.com/kubernetes/kubernetes `pkg/credentialprovider`, `BasicDockerKeyring.Add`, of 1.36
 */
export function parseKeyringKey(key: string): KeyringKey | undefined {
  const url = parseGoUrl(key.startsWith('https://') || key.startsWith('http://') ? key : `https://${key}`)
  if (url === undefined) return undefined
  const path = url.path.startsWith('/v1/') || url.path.startsWith('/v2/') ? url.path.slice(3) : url.path
  const name = path === '/' ? url.host : url.host + path
  // kubelet reads the name once more for each look-up, which decodes and cuts a second time.
  const place = parsePlace(name)
  // The brackets of IPv6 without a port are a choice of characters to it, which is no host.
  return place === undefined || place.host.startsWith('[') ? undefined : { name, ...place }
}

/** Reads what has no scheme: an image's registry and repository, or a key's name. */
export function parsePlace(text: string): Place | undefined {
  const url = parseGoUrl(`https://${text}`)
  if (url === undefined) return undefined
  const colon = url.host.lastIndexOf(':')
  // Without a port the brackets of IPv6 stay, in Go's `net.SplitHostPort` and so in kubelet.
  if (colon === -1 || url.host.endsWith(']')) return { host: url.host, port: '', path: url.path }
  const host = url.host.slice(0, colon)
  return {
    host: host.startsWith('[') ? host.slice(1, -1) : host,
    port: url.host.slice(colon + 1),
    path: url.path,
  }
}

/** No DNS name is longer. It bounds what a long pattern and a long host, both made for the purpose, cost. */
const MAX_HOST_LENGTH = 253

/**
 * Whether a host matches a key's host, part by part between the dots, where `*` stands for any characters.
 *
 * @see https://pkg.go.dev/path#Match. Its other wildcards cannot stand in the host of a URL.
 */
export function matchHost(pattern: string, host: string): boolean {
  if (host.length > MAX_HOST_LENGTH) return false
  const parts = host.split('.')
  const patterns = pattern.split('.')
  return parts.length === patterns.length && parts.every((part, index) => matchStars(patterns[index] ?? '', part))
}

/** Goes back to the last star only, so the time is at most the product of the lengths. */
function matchStars(pattern: string, text: string): boolean {
  let at = 0
  let star = -1
  let resume = 0
  for (let index = 0; index < text.length;) {
    if (pattern[at] === '*') {
      star = at++
      resume = index
    } else if (pattern[at] === text[index]) {
      at++
      index++
    } else if (star !== -1) {
      at = star + 1
      index = ++resume
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
