import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import type { PullpassErrorCode } from 'pullpass'
import {
  applyProxy,
  attachToServiceAccount,
  detachFromServiceAccount,
  ensureImagePullSecret,
  type SyncedNamespace,
  type SyncProvider,
  setUpNamespace,
  syncImagePullSecrets,
} from 'pullpass/kubernetes'
import { type Facts, user } from './facts.js'
import { type Bench, lastingProxy, proxyCodes, repeat } from './job.js'
import type { Ledger } from './ledger.js'

const codes: readonly PullpassErrorCode[] = [
  // Too busy, or broken, for longer than it was asked.
  'ERR_KUBERNETES_UNAVAILABLE',
  'ERR_KUBERNETES_UNREACHABLE',
  // Others write the same objects all the time.
  'ERR_KUBERNETES_CONFLICT',
  ...proxyCodes,
]
const retry = { attempts: 3, delay: 0.02 }
const secret = 'opencti-registry-auth'

/** Namespaces of which it is certain that they have had a secret. */
const written = new Set<string>()

/** Writes pull secrets, and gives them to service accounts and takes them back: several workers in the same namespaces. */
export async function secrets(bench: Bench): Promise<void> {
  const { facts, ledger, random } = bench
  const { logger } = ledger
  let kubeConfig = kubeConfigFor(facts)
  await repeat(bench, async () => {
    // One in ten rounds has connections of its own, and may go through a proxy.
    if (random.chance(0.1)) kubeConfig = applyProxy(kubeConfigFor(facts), lastingProxy(bench))
    const namespace = random.pick(facts.namespaces)
    const about = { namespace, retry, logger }
    const strategy = random.pick(['recreate', 'apply'] as const)
    const content = { registry: registryOf(random.index(5)), strategy, force: true }
    // Once a secret is deleted, the new one has to get there.
    const stopsLate = (title: string): boolean => !title.endsWith('ServiceAccount')
    const attempt = <T>(title: string, action: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> =>
      ledger.attempt(title, random, { codes, stopsLate: stopsLate(title) }, action)
    switch (random.index(5)) {
      case 0:
        await attempt('attachToServiceAccount', (signal) => attachToServiceAccount(kubeConfig, { ...about, signal }))
        return
      case 1:
        await attempt('detachFromServiceAccount', (signal) =>
          detachFromServiceAccount(kubeConfig, { ...about, signal }),
        )
        return
      case 2: {
        const done = await attempt('setUpNamespace', (signal) =>
          setUpNamespace(kubeConfig, { ...about, ...content, signal }),
        )
        if (done) written.add(namespace)
        return
      }
      default: {
        const done = await attempt(`ensureImagePullSecret '${strategy}'`, (signal) =>
          ensureImagePullSecret(kubeConfig, { ...about, ...content, signal }),
        )
        if (done) written.add(namespace)
      }
    }
  })
}

/** Keeps all namespaces up to date with credentials that expire at once, until it is stopped. */
export async function upkeep(bench: Bench): Promise<void> {
  const { facts, ledger, random } = bench
  let renewals = 0
  const credentials: SyncProvider = () => {
    if (random.chance(0.2)) throw new Error('the provider is down')
    const { username, password } = registryOf(renewals++)
    return { credentials: { 'registry.example.com': { username, password } }, expiresAt: new Date(Date.now() + 1000) }
  }
  const onResult = (result: SyncedNamespace): void => {
    ledger.inspect('a result of syncImagePullSecrets', result)
    if (result.error === undefined) return void written.add(result.namespace)
    const code = (result.error as { code?: PullpassErrorCode }).code ?? 'ERR_UNKNOWN'
    ledger.expect(codes.includes(code), `syncImagePullSecrets: ${result.namespace} failed with ${String(result.error)}`)
  }
  const others = (error: unknown): string | undefined => {
    const { name, message } = error as Error
    // Before there was anything to go on for.
    if (name === 'TimeoutError') return 'stopped'
    return message === 'the provider is down' ? "the provider's own" : undefined
  }
  await repeat(bench, async () => {
    const kubeConfig = kubeConfigFor(facts)
    const more = { serviceAccount: 'default', retry, onResult, logger: ledger.logger, concurrency: 3 }
    const watch = { ...more, credentials, labelSelector: 'soak=yes' } as const
    const until = AbortSignal.timeout(500 + random.index(3500))
    await ledger.attempt('syncImagePullSecrets', random, { codes, others, stopsLate: true }, (signal) =>
      random.chance(0.7)
        ? syncImagePullSecrets(kubeConfig, { ...watch, signal: AbortSignal.any([signal, until]) })
        : syncImagePullSecrets(kubeConfig, { ...more, registry: registryOf(0), namespaces: facts.namespaces, signal }),
    )
  })
}

/** No namespace has lost its secret, and every secret is one that was written. */
export async function checkSecrets({ apiServer, ...facts }: Facts, ledger: Ledger): Promise<void> {
  const core = kubeConfigFor({ ...facts, apiServer }).makeApiClient(CoreV1Api)
  for (const namespace of written) {
    const { data } = await core
      .readNamespacedSecret({ namespace, name: secret })
      .catch((error: unknown) => ({ data: { '.dockerconfigjson': Buffer.from(String(error)).toString('base64') } }))
    const text = Buffer.from(data?.['.dockerconfigjson'] ?? '', 'base64').toString()
    ledger.expect(
      text.includes(`"password":"${user.password}`),
      `${namespace} has lost its secret: ${text.slice(0, 200)}`,
    )
  }
}

function registryOf(version: number): { server: string; username: string; password: string } {
  return { server: 'registry.example.com', username: user.username, password: `${user.password}-${version}` }
}

function kubeConfigFor({ apiServer: { url, token }, ca }: Facts): KubeConfig {
  const kubeConfig = new KubeConfig()
  const caData = Buffer.from(ca).toString('base64')
  // By an address that goes through a proxy where there is one.
  const server = url.replace('127.0.0.1', '0.0.0.0')
  kubeConfig.loadFromClusterAndUser({ name: 'double', server, caData, skipTLSVerify: false }, { name: 'user', token })
  return kubeConfig
}
