import type { Agent } from 'node:http'
import type { RequestOptions } from 'node:https'
import { isDeepStrictEqual } from 'node:util'
import type { DispatcherOptions, KubeConfig } from '@kubernetes/client-node'
import { checkProxySettings } from '../../settings/check-proxy.js'
import type { ProxySettings } from '../../settings/types.js'
import { createDispatcher, type TargetTls } from '../undici/index.js'
import { checkKubeConfig } from './api.js'

type RequestContext = Parameters<KubeConfig['applySecurityAuthentication']>[0]
type Dispatcher = Parameters<RequestContext['setDispatcher']>[0]

/**
 * Makes a KubeConfig whose clients reach the API server directly or through the proxy, as `planRoute` decides, and
 * share their connections: client-node 2 by itself opens a new one for every request.
 *
 * ```ts
 * const core = applyProxy(kubeConfig, settings.proxy).makeApiClient(CoreV1Api)
 * ```
 *
 * The cluster's CA, client certificates, tokens, exec plugins and the rest of the authentication stay client-node's
 * own, and so does a `proxy-url` of the cluster, which wins over `proxy` as it does in kubectl. Through the proxy, its
 * certificate authorities are trusted besides the cluster's, and certificates are verified unless the cluster or the
 * proxy's settings say not to. Watches, logs and, through an agent, exec, attach and port-forward take the same way.
 *
 * What the proxy is to blame for fails with a `PullpassError` as the `cause` of `fetch`'s TypeError.
 *
 * @param kubeConfig It is not changed. What is made stands on it: what it loads later counts for both.
 * @param proxy `undefined`: directly, with shared connections.
 * @throws {PullpassError} `ERR_SETTINGS`, from the first request: a CA file of `proxy` cannot be read or holds no
 * certificate.
 * @throws {TypeError} `kubeConfig` is not one, or `proxy` is something else, such as a URL.
 */
export function applyProxy<Config extends KubeConfig>(kubeConfig: Config, proxy: ProxySettings | undefined): Config {
  checkKubeConfig(kubeConfig)
  checkProxySettings(proxy)
  const connections = new SharedConnections()
  const routed = Object.create(kubeConfig) as Config

  const applySecurityAuthentication = async (context: RequestContext): Promise<void> => {
    let planned: DispatcherOptions = { type: 'none' }
    const key = connectionKey(routed)
    const createDispatcherOptions: KubeConfig['createDispatcherOptions'] = (...args) => {
      planned = kubeConfig.createDispatcherOptions(...args)
      return hasOwnProxy(planned) && !connections.has(key, planned) ? planned : { type: 'none' }
    }
    const once = Object.create(routed, { createDispatcherOptions: { value: createDispatcherOptions } }) as Config
    await kubeConfig.applySecurityAuthentication.call(once, context)
    const own = context.getDispatcher()
    const make = (): Dispatcher => (hasOwnProxy(planned) && own) || createDispatcher(proxy, { tls: targetTls(planned) })
    context.setDispatcher(connections.get(key, planned, make))
  }

  let agent: Agent | undefined
  const applyToHTTPSOptions = async (options: RequestOptions): Promise<void> => {
    await kubeConfig.applyToHTTPSOptions.call(routed, options)
    if (!proxy || routed.getCurrentCluster()?.proxyUrl) return
    // Who opens no WebSocket need not load proxy-agent.
    const { createAgent } = await import('../agent/index.js')
    options.agent = agent ??= createAgent(proxy)
  }

  return Object.defineProperties(routed, {
    applySecurityAuthentication: { value: applySecurityAuthentication },
    applyToHTTPSOptions: { value: applyToHTTPSOptions },
  })
}

/** One dispatcher for each cluster and user, for as long as TLS with it stays the same. */
class SharedConnections {
  readonly #known = new Map<string, { readonly options: DispatcherOptions; readonly dispatcher: Dispatcher }>()

  has(key: string, options: DispatcherOptions): boolean {
    return isDeepStrictEqual(this.#known.get(key)?.options, options)
  }

  get(key: string, options: DispatcherOptions, make: () => Dispatcher): Dispatcher {
    const known = this.#known.get(key)
    if (known && isDeepStrictEqual(known.options, options)) return known.dispatcher
    const dispatcher = make()
    this.#known.set(key, { options, dispatcher })
    // A renewed client certificate: what is under way ends with the old one.
    void known?.dispatcher.close()
    return dispatcher
  }
}

function connectionKey(kubeConfig: KubeConfig): string {
  const cluster = kubeConfig.getCurrentCluster()
  return JSON.stringify([cluster?.name, cluster?.server, kubeConfig.getCurrentUser()?.name])
}

/** Whether the cluster has a `proxy-url`. */
function hasOwnProxy({ type }: DispatcherOptions): boolean {
  return type === 'proxy' || type === 'socks'
}

function targetTls(planned: DispatcherOptions): TargetTls {
  return planned.type === 'agent' ? planned.connect : {}
}
