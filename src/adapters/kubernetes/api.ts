import type { AuthorizationV1Api, Configuration, CoreV1Api, KubeConfig } from '@kubernetes/client-node'

/** The optional peer, and how to get it. */
const PEER = '@kubernetes/client-node (npm install @kubernetes/client-node)'

/** The user's own objects of @kubernetes/client-node 2: either will do. */
export type KubernetesApi = KubeConfig | CoreV1Api

/**
 * The core API behind what the caller gave.
 *
 * @throws {TypeError} For anything else, for a KubeConfig that has loaded nothing, and where @kubernetes/client-node is
 * not installed.
 */
export async function coreApi(api: KubernetesApi): Promise<CoreV1Api> {
  if (isKubeConfig(api)) {
    checkLoaded(api)
    return api.makeApiClient((await clientNode()).CoreV1Api)
  }
  if (has(api, 'createNamespacedSecret')) return api
  throw new TypeError(`api must be a KubeConfig or a CoreV1Api of ${PEER}`)
}

/** The API that answers access reviews, for the same cluster and user. */
export async function authorizationApi(api: KubernetesApi | AuthorizationV1Api): Promise<AuthorizationV1Api> {
  if (has(api, 'createSelfSubjectAccessReview')) return api as AuthorizationV1Api
  if (isKubeConfig(api)) {
    checkLoaded(api)
    return api.makeApiClient((await clientNode()).AuthorizationV1Api)
  }
  // Every API object is made from one configuration, which this one lends to the other.
  const { configuration } = (api as unknown as { api?: { configuration?: Configuration } }).api ?? {}
  if (configuration !== undefined) return new (await clientNode()).AuthorizationV1Api(configuration)
  throw new TypeError(`api must be a KubeConfig, a CoreV1Api or an AuthorizationV1Api of ${PEER}`)
}

/** The user's copy, loaded when it is needed: it is an optional peer. */
async function clientNode(): Promise<typeof import('@kubernetes/client-node')> {
  try {
    return await import('@kubernetes/client-node')
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new TypeError(`cannot find ${PEER}`, { cause: error })
  }
}

/** @throws {TypeError} Unless it is one. */
export function checkKubeConfig(kubeConfig: unknown): asserts kubeConfig is KubeConfig {
  if (!isKubeConfig(kubeConfig)) throw new TypeError(`kubeConfig must be a KubeConfig of ${PEER}`)
}

function isKubeConfig(api: unknown): api is KubeConfig {
  return has(api, 'makeApiClient')
}

/** @throws {TypeError} It was made, and not loaded. */
function checkLoaded(kubeConfig: KubeConfig): void {
  if (!has(kubeConfig, 'getCurrentCluster') || kubeConfig.getCurrentCluster() !== null) return
  throw new TypeError('the KubeConfig has no current cluster: call loadFromDefault() or loadFromFile() first')
}

function has<T, Name extends string>(value: T, method: Name): value is T & Record<Name, unknown> {
  if (typeof value !== 'object' || value === null) return false
  return typeof (value as Record<string, unknown>)[method] === 'function'
}
