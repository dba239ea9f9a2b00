import type { PullpassErrorCode } from 'pullpass'
import { createRegistryClient, explainPull, formatExplanation, type RegistryClient } from 'pullpass/registry'
import { stranger, user } from './facts.js'
import { type Bench, proxyCodes, repeat, someProxyOrSilence } from './job.js'

/** What the faults of registries, token servers and proxies mean to a client. */
const codes: readonly PullpassErrorCode[] = [
  'ERR_REGISTRY_FAULT',
  'ERR_RATE_LIMITED',
  'ERR_CONNECTION_LOST',
  ...proxyCodes,
]
const names = ['soak/app-0:1', 'soak/app-1:1', 'soak/app-2:1', 'soak/app-3:1']
const absent = 'soak/app-0:2'

/** Asks registries by clients that live for a few calls, most of them at the same time. */
export async function registries(bench: Bench): Promise<void> {
  const { facts, ledger, random } = bench
  const { logger } = ledger
  await repeat(bench, async () => {
    const isKnown = random.chance(0.9)
    const isPlain = random.chance(0.2)
    const credentials = isKnown ? user : stranger
    const proxy = someProxyOrSilence(bench)
    const retry = { attempts: 2, delay: 0.05 }
    // Less than what a registry that hangs is waited for otherwise.
    const client = createRegistryClient({ credentials, proxy, ca: [facts.ca], retry, timeout: 4, logger })
    const host = isPlain ? facts.plainRegistry : facts.secureRegistry
    const calls = Array.from({ length: 1 + random.index(6) }, () => ask(bench, client, host, isKnown))
    // What is under way fails then.
    if (random.chance(0.95)) await Promise.all(calls)
    await client.close()
    await Promise.all(calls)
  })
}

async function ask(
  { facts, ledger, random }: Bench,
  client: RegistryClient,
  host: string,
  isKnown: boolean,
): Promise<void> {
  // One of the token servers refuses those whom it knows, too, at times.
  const refusals: readonly PullpassErrorCode[] = isKnown && host !== facts.plainRegistry ? [] : ['ERR_UNAUTHORIZED']
  const expected = { codes: [...codes, ...refusals, 'ERR_IMAGE_NOT_FOUND'] as const, others: isClosed }
  const name = random.chance(0.9) ? random.pick(names) : absent
  const attempt = <T>(title: string, action: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> =>
    ledger.attempt(title, random, expected, action)
  const image = `${host}/${name}`
  const kind = random.index(3)
  if (kind === 0) {
    const checked = await attempt('checkCredentials', (signal) => client.checkCredentials(host, { signal }))
    if (checked) ledger.expect(isKnown && checked.authenticated, `${host} took wrong credentials`)
    return
  }
  const platform = random.pick([undefined, 'linux/amd64'])
  const digest =
    kind === 1
      ? await attempt('resolveDigest', (signal) => client.resolveDigest(image, { signal }))
      : (await attempt('checkPull', (signal) => client.checkPull(image, { signal, platform })))?.digest
  if (digest !== undefined) ledger.expect(isKnown && digest === facts.images[name], `${image} is ${digest}`)
}

function isClosed(error: unknown): string | undefined {
  return error instanceof TypeError && error.message === 'The registry client is closed' ? 'closed' : undefined
}

/** Explains pulls: failures are verdicts, and only the signal's reason is ever thrown. */
export async function explanations(bench: Bench): Promise<void> {
  const { facts, ledger, random } = bench
  const verdicts: readonly string[] = [...codes, 'ERR_UNAUTHORIZED', 'ERR_IMAGE_NOT_FOUND']
  await repeat(bench, async () => {
    const server = random.pick([facts.secureRegistry, facts.plainRegistry])
    const registry = { server, ...(random.chance(0.8) ? user : stranger), insecure: false }
    const proxy = someProxyOrSilence(bench)
    const settings = { registry, ...(proxy && { proxy }), retry: { attempts: 0, delay: 0 }, tokenTtl: 60, warnings: [] }
    const image = random.pick([...names, absent])
    const options = { settings, ca: [facts.ca], timeout: 4, env: {}, logger: ledger.logger }
    const told = await ledger.attempt('explainPull', random, { codes: [] }, (signal) =>
      explainPull(image, { ...options, signal }),
    )
    if (!told) return
    const { verdict } = told
    ledger.inspect('an explanation', formatExplanation(told))
    if (verdict.pullable) ledger.expect(verdict.digest === facts.images[image], `${image} is ${verdict.digest}`)
    else ledger.expect(verdicts.includes(verdict.code), `explainPull says ${verdict.code}: ${verdict.message}`)
  })
}
