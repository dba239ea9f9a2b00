import { CoreV1Api, HttpMethod, KubeConfig, RequestContext } from '@kubernetes/client-node'
import { expect } from 'vitest'
import { applyProxy } from '../../../src/adapters/kubernetes/apply-proxy.js'
import { startCluster } from '../../support/proxies/cluster.js'
import { describeThroughProxies } from '../../support/proxies/matrix.js'
import { hosts } from '../../support/proxies/names.js'

describeThroughProxies({
  title: 'applyProxy, to an API server',
  programs: [],
  host: hosts.cluster,
  bringsOwnCa: true,
  startTarget: startCluster,
  async request({ host, port }, proxy, { ca }) {
    const kubeConfig = new KubeConfig()
    const cluster = { name: 'cluster', server: `https://${host}:${port}`, caData: btoa(ca), skipTLSVerify: false }
    kubeConfig.loadFromClusterAndUser(cluster, { name: 'user', token: 'a token' })
    const routed = applyProxy(kubeConfig, proxy)
    try {
      const core = routed.makeApiClient(CoreV1Api)
      expect((await core.listNamespacedSecret({ namespace: 'default' })).items).toEqual([])
    } finally {
      // Squid logs a tunnel when it ends.
      const context = new RequestContext(`https://${host}:${port}`, HttpMethod.GET)
      await routed.applySecurityAuthentication(context)
      await context.getDispatcher()?.close()
    }
  },
})
