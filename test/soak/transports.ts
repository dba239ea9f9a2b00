import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { createAgent } from 'pullpass/agent'
import { createDispatcher } from 'pullpass/undici'
import { request } from 'undici'
import { type Bench, proxyCodes, repeat, someProxyOrSilence } from './job.js'

/** What the target is to blame for stays the error of undici or of Node, as createDispatcher and createAgent say. */
const others = (error: unknown): string | undefined => {
  const { code } = error as { code?: unknown }
  const known = ['ECONNRESET', 'UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'EPIPE', 'UND_ERR_CLOSED']
  if (typeof code !== 'string') return undefined
  return known.includes(code) || code.startsWith('HPE_') ? `the target's ${code}` : undefined
}
const expected = { codes: proxyCodes, others }

/** Makes dispatchers and agents, sends a few requests through each, and ends them. */
export async function transports(bench: Bench): Promise<void> {
  await repeat(bench, () => (bench.random.chance(0.5) ? dispatcher(bench) : agent(bench)))
}

async function dispatcher(bench: Bench): Promise<void> {
  const { facts, ledger, random } = bench
  const made = createDispatcher(someProxyOrSilence(bench), { tls: { ca: facts.ca }, connectTimeout: 2 })
  const one = (): Promise<unknown> =>
    // undici's `request` looks at its signal when there is a connection, not before.
    ledger.attempt('createDispatcher', random, { ...expected, stopsLate: true }, async (signal) => {
      const { statusCode, body } = await request(urlOf(bench), { dispatcher: made, signal })
      await body.dump({ limit: 1_000_000, signal })
      return statusCode
    })
  await Promise.all(Array.from({ length: 1 + random.index(4) }, one))
  await (random.chance(0.5) ? made.close() : made.destroy())
}

async function agent(bench: Bench): Promise<void> {
  const { facts, ledger, random } = bench
  const made = createAgent(someProxyOrSilence(bench), { tls: { ca: facts.ca }, connectTimeout: 2 })
  const one = (): Promise<unknown> =>
    ledger.attempt('createAgent', random, expected, async (signal) => {
      const sent = get(urlOf(bench), { agent: made })
      // It has one for its answer's end, too, when it is stopped after its beginning.
      sent.on('error', () => undefined)
      const stop = (): void => void sent.destroy(signal.reason as Error)
      signal.addEventListener('abort', stop)
      const [response] = (await once(sent, 'response')) as [IncomingMessage]
      for await (const _ of response);
      return response.statusCode
    })
  await Promise.all(Array.from({ length: 1 + random.index(4) }, one))
  made.destroy()
}

function urlOf({ facts }: Bench): string {
  return `https://${facts.secureRegistry}/v2/`
}
