import { planRoute } from '../../dist/proxy/index.js'
import type { ProxySettings } from '../../dist/settings/index.js'

export const title = 'planRoute: a NO_PROXY of 1,000 entries against one of 10'

/** One entry of each kind in turn: a domain, its subdomains, an address, a network, a host with a port. */
const kinds: readonly ((index: number) => string)[] = [
  (index) => `domain-${index}.example`,
  (index) => `.zone-${index}.example`,
  (index) => `10.${index >> 8}.${index & 255}.1`,
  (index) => `172.${index >> 8}.${index & 255}.0/24`,
  (index) => `host-${index}.example:5000`,
]

function proxyWith(entries: number): ProxySettings {
  const list = Array.from({ length: entries }, (_, index) => kinds[index % kinds.length]!(index))
  const proxy = 'http://proxy.example:3128'
  return { httpProxy: proxy, httpsProxy: proxy, noProxy: list.join(','), ca: [], rejectUnauthorized: true }
}

const urls: Readonly<Record<string, string>> = {
  'domain in the list': 'https://registry.domain-0.example/v2/',
  'address in a network of the list': 'https://172.0.3.77/v2/',
  'domain not in the list': 'https://registry.example.com:5000/v2/',
  'address not in the list': 'https://192.0.2.1/v2/',
  'IPv6 address not in the list': 'https://[2001:db8::1]/v2/',
}

const decisions = 10_000

function round(url: URL, proxy: ProxySettings): number {
  const start = performance.now()
  for (let index = 0; index < decisions; index++) planRoute(url, proxy)
  return ((performance.now() - start) * 1e6) / decisions
}

/** Nanoseconds a decision: the best of many rounds in turn, so that other work on the machine disturbs both alike. */
function measure(url: URL, short: ProxySettings, long: ProxySettings): [number, number] {
  let [few, many] = [Infinity, Infinity]
  for (let index = 0; index < 40; index++) {
    few = Math.min(few, round(url, short))
    many = Math.min(many, round(url, long))
  }
  return [few, many]
}

/** Rows: the kind of URL, nanoseconds a decision with each list, and how many times as long the longer list takes. */
export function run(): Promise<Record<string, string | number>[]> {
  const [short, long] = [proxyWith(10), proxyWith(1000)]
  const rows = Object.entries(urls).map(([name, text]) => {
    const [few, many] = measure(new URL(text), short, long)
    const ratio = Number((many / few).toFixed(2))
    return { url: name, '10 entries, ns': Math.round(few), '1,000 entries, ns': Math.round(many), ratio }
  })
  return Promise.resolve(rows)
}
