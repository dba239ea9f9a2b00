// The other side of the soak, in a process of its own so that only the library's side is measured: an engine, two
// registries with their token servers, two proxies and the double of an API server, with faults by chance.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeTestImage } from '../../src/testing/index.js'
import { ApiServer, type Fault as ApiFault } from '../support/api-server/index.js'
import { gone, internal, modified } from '../support/api-server/status.js'
import { RESOURCES } from '../support/api-server/objects.js'
import { startOwnEngine } from '../support/engine.js'
import { type Fault, startFaultProxy } from '../support/faulty-registry/fault-proxy.js'
import { startTokenRegistry, type TokenRegistry } from '../support/faulty-registry/token-registry.js'
import { freePort, temporaryFolder } from '../support/processes.js'
import { startMitmproxy } from '../support/proxies/mitmproxy.js'
import { makeNamedCertificates, type NamedCertificates, THIS_HOST } from '../support/proxies/names.js'
import { userInfo } from '../support/proxies/proxy.js'
import { startScriptedProxy } from '../support/proxies/scripted-proxy.js'
import { startSquid } from '../support/proxies/squid.js'
import { type News, type Order, type Proxies, user } from './facts.js'
import { Random } from './random.js'

const random = new Random(Number(process.env['SOAK_SEED']), 'world')
/** Seconds between two ends of a proxy. */
const proxyLife = Number(process.env['SOAK_PROXY_LIFE'])

/** How often each has happened. */
const faults: Record<string, number> = {}
const count = (name: string): void => void (faults[name] = (faults[name] ?? 0) + 1)

let isStorm = false
let isStopped = false

/** One request of a registry in 14 goes wrong. */
function registryFault(line: string): Fault | undefined {
  if (!isStorm || !random.chance(0.07)) return undefined
  const where = line.includes('/token') ? 'token server' : 'registry'
  const choices: readonly Fault[] = [
    { kind: 'status', status: 500 },
    { kind: 'status', status: 503, headers: { 'retry-after': '1' } },
    { kind: 'status', status: 429, headers: { 'retry-after': '1' } },
    { kind: 'reset' },
    { kind: 'truncate' },
    { kind: 'slow', milliseconds: 300 },
  ]
  const fault = random.pick(choices)
  count(`${where} ${fault.kind === 'status' ? fault.status : fault.kind}`)
  return fault
}

/** A registry that hangs is a matter of the client's own time limit, which the engine's is far beyond. */
function secureRegistryFault(line: string): Fault | undefined {
  if (!isStorm || !random.chance(0.005)) return registryFault(line)
  count('registry hang')
  return { kind: 'hang' }
}

/** Tokens of this registry's are asked for directly, and their server fails in its own way. */
function failTokens({ tokenServer }: TokenRegistry): void {
  const { failures = [] } = tokenServer.behaviour
  tokenServer.behaviour.failures = failures
  tokenServer.forget()
  if (!isStorm || failures.length > 0 || !random.chance(0.3)) return
  const status = random.pick([500, 503, 401])
  count(`token server ${status}`)
  failures.push(status)
}

function apiServerFaults(server: ApiServer): void {
  const secrets = RESOURCES.find(({ plural }) => plural === 'secrets')!
  let revivedAt = 0
  server.fault = ({ method, path }) => {
    server.requests.length = 0
    if (!isStorm || Date.now() < revivedAt || !random.chance(0.06)) return undefined
    const down = Math.ceil(random.between(20, 300))
    const choices: readonly ApiFault[] = [
      { kind: 'die-before', down },
      { kind: 'die-after', down },
      { kind: 'cut' },
      { kind: 'busy', retryAfter: 1 },
      { kind: 'answer', failure: internal('etcdserver: leader changed') },
      // What is only read is never in conflict.
      ...(method === 'GET' ? [] : [{ kind: 'answer', failure: modified(secrets, 'opencti-registry-auth') } as const]),
      // What changed since the list may be history.
      ...(path.includes('watch=true') ? [{ kind: 'answer', failure: gone('too old resource version') } as const] : []),
      // What must not be left half done ignores its signal, and would wait for a minute.
      ...(path.includes('/secrets') ? [] : [{ kind: 'hang' } as const]),
    ]
    const fault = random.pick(choices)
    // It dies once at a time.
    if (fault.kind === 'die-before' || fault.kind === 'die-after') revivedAt = Date.now() + down + 100
    count(`API server ${fault.kind === 'answer' ? fault.failure.code : fault.kind}`)
    return fault
  }
}

/** Both proxies; one at a time is ended and, a moment later, started anew: squid where it was, mitmproxy elsewhere. */
async function runProxies(
  tls: NamedCertificates,
): Promise<{ now(): Proxies; mend(): Promise<void>; stop(): Promise<void> }> {
  const squidPort = await freePort()
  const start = {
    mitmproxy: () => startMitmproxy({ mode: 'intercept', trust: tls.caPath }),
    squid: () => startSquid(tls, squidPort),
  }
  let mitmproxy = await start.mitmproxy()
  let squid = await start.squid()
  const now = (): Proxies => ({
    mitmproxy: { host: mitmproxy.host, ca: mitmproxy.ca },
    squid: { url: `http://${userInfo}${squid.host}` },
  })
  const restart = async (): Promise<void> => {
    if (!isStorm) return
    count('proxy ends')
    const isSquid = random.chance(0.5)
    await (isSquid ? squid : mitmproxy).stop()
    await sleep(random.between(100, 1000))
    if (isSquid) squid = await start.squid()
    else mitmproxy = await start.mitmproxy()
    tell({ kind: 'proxies', proxies: now() })
  }
  let restarting = Promise.resolve()
  const timer = setInterval(() => void (restarting = restarting.then(restart)), proxyLife * 1000)
  const stop = async (): Promise<void> => {
    clearInterval(timer)
    await restarting
    await mitmproxy.stop()
    await squid.stop()
  }
  return { now, mend: () => restarting, stop }
}

const tell = (news: News): void => void process.send?.(news)

// The servers here read requests whose senders may leave in the middle.
process.on('unhandledRejection', (error) => {
  if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error
})
// Ended by the soak, which waits for this process to have cleaned up.
process.on('SIGINT', () => undefined)

const folder = await temporaryFolder()
const tls = await makeNamedCertificates(folder.path)
const frontPort = await freePort()
const front = `${THIS_HOST}:${frontPort}`
const [engine, plain, secure, proxies] = await Promise.all([
  startOwnEngine(),
  startTokenRegistry(user, []),
  startTokenRegistry(user, [], `https://${front}/token`),
  runProxies(tls),
])
const images: Record<string, string> = {}
for (let index = 0; index < 4; index++) {
  const name = `soak/app-${index}:1`
  const image = makeTestImage({ message: `app ${index}\n`, padding: randomBytes(200_000) })
  await Promise.all([plain.push(name, image), secure.push(name, image)])
  images[name] = image.index.digest
}
// Shorter than any of the runs between two questions: each has its own token, or one that just ends.
for (const { tokenServer } of [plain, secure]) tokenServer.behaviour.expiresIn = 2
const plainFront = await startFaultProxy(plain.registry, { chance: registryFault })
const secureFront = await startFaultProxy(secure.registry, {
  port: frontPort,
  tls: { key: readFileSync(tls.keyPath, 'utf8'), cert: readFileSync(tls.certPath, 'utf8') },
  tokenPort: Number(new URL(secure.tokenServer.realm).port),
  chance: secureRegistryFault,
})
const silentProxy = await startScriptedProxy('silence')
const apiServer = await new ApiServer({ certificates: tls }).start()
apiServerFaults(apiServer)
const namespaces = Array.from({ length: 6 }, (_, index) => `soak-${index}`)
for (const name of namespaces) {
  apiServer.namespace(name, { soak: 'yes' })
  apiServer.put('serviceaccounts', { metadata: { name: 'default', namespace: name } })
}
const chores = setInterval(() => {
  failTokens(plain)
  for (const one of [plainFront, secureFront]) one.requests.length = 0
  secure.tokenServer.forget()
  // As etcd does: watches that are older than this have to list anew.
  if (random.chance(0.1)) apiServer.store.compact()
}, 500)

process.on('message', (order: Order) => {
  const obey = async (): Promise<void> => {
    isStorm = order === 'storm'
    if (order !== 'storm') plain.tokenServer.behaviour.failures = []
    await proxies.mend()
    if (order === 'stop') await stop()
    tell({ kind: 'done', order, faults })
    if (order === 'stop') process.disconnect()
  }
  void obey()
})
process.on('disconnect', () => void stop().finally(() => process.exit()))

async function stop(): Promise<void> {
  if (isStopped) return
  isStopped = true
  clearInterval(chores)
  await apiServer.stop()
  for (const one of [plainFront, secureFront]) await one[Symbol.asyncDispose]()
  await proxies.stop()
  await silentProxy.stop()
  for (const one of [plain, secure]) await one[Symbol.asyncDispose]()
  await engine.stop()
  await folder.remove()
}

tell({
  kind: 'ready',
  facts: {
    engineSocket: engine.host.replace('unix://', ''),
    plainRegistry: plainFront.host,
    secureRegistry: front,
    ca: tls.ca,
    images,
    apiServer: { url: apiServer.url, token: apiServer.token() },
    namespaces,
    proxies: proxies.now(),
    silentProxy: `http://${silentProxy.host}`,
  },
})
