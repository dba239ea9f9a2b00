import { isIPv4, isIPv6 } from 'node:net'

/**
 * Where an IP address leads, as far as it matters for whom a registry may send us to:
 * `public`; `loopback` (this machine); `private` (RFC 1918, RFC 6598, unique local); `reserved`, where no token server
 * can be (link-local with the clouds' metadata services, unspecified, multicast, broadcast, documentation and the
 * like).
 */
export type AddressKind = 'public' | 'loopback' | 'private' | 'reserved'

type Prefix = readonly [kind: AddressKind, bits: number, ...bytes: number[]]

/** First match wins. From IANA's special-purpose address registries. */
const ipv4Prefixes: readonly Prefix[] = [
  ['loopback', 8, 127],
  ['private', 8, 10],
  ['private', 12, 172, 16],
  ['private', 16, 192, 168],
  ['private', 10, 100, 64],
  ['reserved', 8, 0],
  ['reserved', 16, 169, 254],
  ['reserved', 24, 192, 0, 0],
  ['reserved', 24, 192, 0, 2],
  ['reserved', 15, 198, 18],
  ['reserved', 24, 198, 51, 100],
  ['reserved', 24, 203, 0, 113],
  ['reserved', 3, 224],
]

const ipv6Prefixes: readonly Prefix[] = [
  ['loopback', 128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  ['private', 7, 0xfc],
  ['reserved', 10, 0xfe, 0x80],
  ['reserved', 10, 0xfe, 0xc0],
  ['reserved', 8, 0xff],
  ['reserved', 64, 0x01, 0x00],
  ['reserved', 32, 0x20, 0x01, 0x0d, 0xb8],
  // Teredo: the IPv4 address in it is the one of a relay.
  ['reserved', 32, 0x20, 0x01, 0, 0],
]

/** Prefixes behind which an IPv4 address is what counts: mapped, compatible, NAT64, 6to4; `at` is where it starts. */
const embeddings: readonly { readonly at: number; readonly prefix: readonly number[] }[] = [
  { at: 12, prefix: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] },
  { at: 12, prefix: [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0] },
  { at: 2, prefix: [0x20, 0x02] },
  { at: 12, prefix: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
]

/** What kind of address `ip` is: IPv4 in dotted form or IPv6 without brackets. Not an address: `reserved`. */
export function addressKind(ip: string): AddressKind {
  if (isIPv4(ip)) return kindOf(ipv4Bytes(ip), ipv4Prefixes)
  const withoutZone = ip.split('%', 1)[0] ?? ''
  if (!isIPv6(withoutZone)) return 'reserved'
  const bytes = ipv6Bytes(withoutZone)
  const kind = kindOf(bytes, ipv6Prefixes)
  if (kind !== 'public') return kind
  const embedding = embeddings.find(({ prefix }) => prefix.every((byte, index) => bytes[index] === byte))
  return embedding ? kindOf(bytes.slice(embedding.at, embedding.at + 4), ipv4Prefixes) : 'public'
}

function kindOf(bytes: readonly number[], prefixes: readonly Prefix[]): AddressKind {
  return prefixes.find(([, bits, ...prefix]) => startsWith(bytes, prefix, bits))?.[0] ?? 'public'
}

function startsWith(bytes: readonly number[], prefix: readonly number[], bits: number): boolean {
  for (let index = 0; index * 8 < bits; index += 1) {
    const mask = bits - index * 8 >= 8 ? 0xff : (0xff00 >> (bits - index * 8)) & 0xff
    if (((bytes[index] ?? 0) & mask) !== ((prefix[index] ?? 0) & mask)) return false
  }
  return true
}

function ipv4Bytes(ip: string): number[] {
  return ip.split('.').map(Number)
}

function ipv6Bytes(ip: string): number[] {
  const [head = '', tail] = ip.split('::')
  const left = groupBytes(head)
  const right = tail === undefined ? [] : groupBytes(tail)
  return [...left, ...new Array<number>(16 - left.length - right.length).fill(0), ...right]
}

/** `64:ff9b:1.2.3.4` as bytes. */
function groupBytes(groups: string): number[] {
  if (groups === '') return []
  return groups.split(':').flatMap((group) => {
    if (group.includes('.')) return ipv4Bytes(group)
    const value = parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}
