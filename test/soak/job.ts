import { setTimeout as sleep } from 'node:timers/promises'
import type { ProxySettings } from 'pullpass'
import type { Facts } from './facts.js'
import type { Ledger } from './ledger.js'
import type { Random } from './random.js'

/** What a job works with. */
export interface Bench {
  readonly facts: Facts
  readonly ledger: Ledger
  readonly random: Random
  /** Tells workers of the same job apart. */
  readonly index: number
  /** Whether the job is to end. */
  isOver(): boolean
}

/** Works until it is over, and leaves nothing open. */
export type Job = (bench: Bench) => Promise<void>

/** A job that does the same over and over, with small pauses. */
export async function repeat({ random, isOver }: Bench, round: () => Promise<void>): Promise<void> {
  while (!isOver()) {
    await round()
    await sleep(random.between(0, 100))
  }
}

/** Through mitmproxy, through squid, or directly: `undefined`. */
function someProxy({ facts: { proxies, ca }, random }: Bench): ProxySettings | undefined {
  const proxy = { ca: [{ pem: ca }, { pem: proxies.mitmproxy.ca }], rejectUnauthorized: true }
  return random.pick([
    undefined,
    { ...proxy, httpsProxy: `http://${proxies.mitmproxy.host}` },
    { ...proxy, httpsProxy: proxies.squid.url },
  ])
}

/** Through squid, which comes back to where it was, or directly. */
export function lastingProxy({ facts: { proxies, ca }, random }: Bench): ProxySettings | undefined {
  if (random.chance(0.5)) return undefined
  return { httpsProxy: proxies.squid.url, ca: [{ pem: ca }], rejectUnauthorized: true }
}

/** Any of them, or through a proxy that says nothing. */
export function someProxyOrSilence(bench: Bench): ProxySettings | undefined {
  const { facts, random } = bench
  if (random.chance(0.95)) return someProxy(bench)
  return { httpsProxy: facts.silentProxy, ca: [{ pem: facts.ca }], rejectUnauthorized: true }
}

/** What a proxy may do to whoever goes through it. */
export const proxyCodes = [
  // It is ended and started anew.
  'ERR_PROXY_UNREACHABLE',
  // It cannot tell its client otherwise that the target resets the connection.
  'ERR_PROXY',
  // It says nothing.
  'ERR_TIMEOUT',
] as const
