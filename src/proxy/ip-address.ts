/** An IP address as a number; IPv4 inside IPv6 (`::ffff:192.0.2.1`) is IPv4. */
export interface IpAddress {
  readonly bits: 32 | 128
  readonly value: bigint
}

/** All addresses that share the first `prefix` bits: `value` is those bits alone. */
export interface IpNetwork {
  readonly bits: 32 | 128
  readonly prefix: number
  readonly value: bigint
}

const MAPPED_PREFIX = 96
const MAPPED = 0xffffn

/**
 * Reads an IPv4 or IPv6 address, without brackets, zone or leading zeros in IPv4.
 *
 * @returns `undefined` for anything else.
 * @see https://pkg.go.dev/net#ParseIP
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  const address = readAddress(text)
  if (!address || address.value >> 32n !== MAPPED) return address
  return { bits: 32, value: address.value & 0xffffffffn }
}

/**
 * Reads an address with a prefix length (`10.0.0.0/8`, `2001:db8::/32`).
 *
 * @returns `undefined` for anything else.
 * @see https://pkg.go.dev/net#ParseCIDR
 */
export function parseIpNetwork(text: string): IpNetwork | undefined {
  const slash = text.indexOf('/')
  const length = text.slice(slash + 1)
  const address = slash === -1 ? undefined : readAddress(text.slice(0, slash))
  const prefix = /^\d{1,9}$/.test(length) ? Number(length) : Infinity
  if (!address || prefix > address.bits) return undefined
  const value = address.value >> BigInt(address.bits - prefix)
  // As in Go, a network of mapped IPv4 is one of IPv4.
  if (prefix >= MAPPED_PREFIX && address.value >> 32n === MAPPED) {
    const mappedPrefix = prefix - MAPPED_PREFIX
    return { bits: 32, prefix: mappedPrefix, value: value & ((1n << BigInt(mappedPrefix)) - 1n) }
  }
  return { bits: address.bits, prefix, value }
}

/** `127.0.0.0/8` and `::1`. */
export function isLoopback({ bits, value }: IpAddress): boolean {
  return bits === 32 ? value >> 24n === 127n : value === 1n
}

function readAddress(text: string): IpAddress | undefined {
  if (text.length > 45) return undefined
  const isIpv6 = text.includes(':')
  const value = isIpv6 ? readIpv6(text) : readIpv4(text)
  return value === undefined ? undefined : { bits: isIpv6 ? 128 : 32, value }
}

function readIpv4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) {
    return undefined
  }
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n)
}

function readIpv6(text: string): bigint | undefined {
  const [head = '', tail, ...more] = text.split('::')
  if (more.length > 0) return undefined
  const front = readGroups(head, tail === undefined)
  const back = readGroups(tail ?? '', true)
  if (!front || !back) return undefined
  // `::` stands for one group at least.
  const missing = 8 - front.length - back.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const zeros = Array<bigint>(missing).fill(0n)
  return [...front, ...zeros, ...back].reduce((value, group) => (value << 16n) | group, 0n)
}

/** The groups between colons; the very last may be an IPv4 address, which is two. */
function readGroups(text: string, isEnd: boolean): bigint[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const ipv4 = isEnd && text.includes('.') ? readIpv4(parts.pop() ?? '') : undefined
  if (!parts.every((part) => /^[\da-f]{1,4}$/i.test(part))) return undefined
  const groups = parts.map((part) => BigInt(`0x${part}`))
  return ipv4 === undefined ? groups : [...groups, ipv4 >> 16n, ipv4 & 0xffffn]
}
