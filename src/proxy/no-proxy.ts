import { type IpAddress, parseIpAddress, parseIpNetwork } from './ip-address.js'

/** What a URL's host is held against: `host` in small letters and without brackets; `ip` where it is an address. */
export interface Target {
  readonly host: string
  readonly port: string
  readonly ip: IpAddress | undefined
}

/**
 * Reads a NO_PROXY list once, so that a decision costs the same for 10 entries and for 1,000: an entry is found by a
 * look-up for each suffix of the host, or for each prefix length that occurs in the list.
 *
 * @returns What finds the entry, as written, by which a target is reached directly; `undefined` where there is none.
 * @see https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
 */
export function compileNoProxy(list: string): (target: Target) => string | undefined {
  const entries = list.split(',').map((entry) => entry.trim())
  if (entries.includes('*')) return () => '*'
  const tables: Tables = { hosts: new Map(), subdomains: new Map(), networks: new Map() }
  for (const entry of entries) add(tables, entry)
  const networks = [...tables.networks.values()]
  // The host may be someone else's choice: that of a redirect with a million dots.
  const longest = Math.max(0, ...[...tables.subdomains.keys()].map((key) => key.indexOf('\n')))
  return ({ host, port, ip }) =>
    ip
      ? findNetwork(networks, ip, port)
      : (find(tables.hosts, host, port) ?? findSubdomain(tables.subdomains, host, port, longest))
}

/** From a key and a port (see {@link withPort}) to the entry that says so. */
type Table = Map<string, string>

interface Network {
  readonly bits: number
  /** How far to shift an address to the right for what is the key here. */
  readonly shift: bigint
  readonly table: Table
}

interface Tables {
  /** By a host's whole name. */
  readonly hosts: Table
  /** By what a host's name ends with, from a dot on. */
  readonly subdomains: Table
  readonly networks: Map<string, Network>
}

function add(tables: Tables, entry: string): void {
  const text = entry.toLowerCase()
  const network = parseIpNetwork(text)
  if (network) {
    addNetwork(tables, network, '', entry)
    return
  }
  const { host, port } = splitHostPort(text)
  const ip = parseIpAddress(host)
  if (ip) {
    addNetwork(tables, { ...ip, prefix: ip.bits }, port, entry)
    return
  }
  const name = host.startsWith('*.') ? host.slice(1) : host
  if (name === '') return
  const domain = toAscii(name)
  if (!domain.startsWith('.')) addFirst(tables.hosts, withPort(domain, port), entry)
  addFirst(tables.subdomains, withPort(domain.startsWith('.') ? domain : `.${domain}`, port), entry)
}

function addNetwork(
  { networks }: Tables,
  { bits, prefix, value }: { bits: number; prefix: number; value: bigint },
  port: string,
  entry: string,
): void {
  const length = `${bits}/${prefix}`
  const network = networks.get(length) ?? { bits, shift: BigInt(bits - prefix), table: new Map<string, string>() }
  networks.set(length, network)
  addFirst(network.table, withPort(value.toString(), port), entry)
}

function addFirst(table: Table, key: string, entry: string): void {
  if (!table.has(key)) table.set(key, entry)
}

function findNetwork(networks: readonly Network[], ip: IpAddress, port: string): string | undefined {
  for (const { bits, shift, table } of networks) {
    const entry = bits === ip.bits ? find(table, (ip.value >> shift).toString(), port) : undefined
    if (entry !== undefined) return entry
  }
  return undefined
}

function findSubdomain(table: Table, host: string, port: string, longest: number): string | undefined {
  const start = Math.max(0, host.length - longest)
  for (let dot = host.indexOf('.', start); dot !== -1; dot = host.indexOf('.', dot + 1)) {
    const entry = find(table, host.slice(dot), port)
    if (entry !== undefined) return entry
  }
  return undefined
}

function find(table: Table, key: string, port: string): string | undefined {
  return table.get(withPort(key, '')) ?? table.get(withPort(key, port))
}

/** No host or port of a URL has a line break. An entry without a port has an empty one, and is for all ports. */
function withPort(key: string, port: string): string {
  return `${key}\n${port}`
}

/**
 * `host:port` and `[IPv6]:port`; anything that is neither is a host as it stands, its brackets included.
 *
 * @see https://pkg.go.dev/net#SplitHostPort
 */
function splitHostPort(text: string): { host: string; port: string } {
  const colon = text.lastIndexOf(':')
  const isBracketed = text.startsWith('[') && text.indexOf(']') === colon - 1
  const host = isBracketed ? text.slice(1, colon - 1) : text.slice(0, Math.max(colon, 0))
  const port = text.slice(colon + 1)
  const isHost = isBracketed ? !host.includes('[') : !/[:[\]]/.test(host)
  return colon !== -1 && isHost && !/[[\]]/.test(port) ? { host, port } : { host: text, port: '' }
}

/** URLs have international names in punycode; a NO_PROXY list has them as people write them. */
function toAscii(name: string): string {
  if (!/[^\0-\x7f]/.test(name) || /[\s/\\?#@:%[\]]/.test(name)) return name
  const start = name.startsWith('.') ? 1 : 0
  const url = `http://${name.slice(start)}`
  return URL.canParse(url) ? name.slice(0, start) + new URL(url).hostname : name
}
