import { afterAll, afterEach, beforeAll } from 'vitest'
import type { ProxySettings } from '../../../src/settings/types.js'
import { temporaryFolder } from '../processes.js'
import { type Cluster, startCluster } from './cluster.js'
import { makeNamedCertificates, type NamedCertificates } from './names.js'
import { userInfo } from './proxy.js'
import { type Script, type ScriptedProxy, startScriptedProxy } from './scripted-proxy.js'

/** A server with certificates of its own, and scripted proxies in front of it. */
export interface ScriptedFixture {
  /** These three are there as soon as tests run. */
  readonly folder: string
  readonly certificates: NamedCertificates
  readonly server: Cluster
  /** What is called after the test, the last one first. */
  readonly cleanUp: (() => unknown)[]
  /** Starts a proxy for the test, by default one that lets all through. */
  readonly proxyOf: (script?: Script) => Promise<ScriptedProxy>
  /** Settings for a proxy, with user and password, that trust the CA of the certificates. */
  readonly through: (proxy: { readonly host: string }, more?: Partial<ProxySettings>) => ProxySettings
}

/** Sets one up for the `describe` that it is called in. */
export function useScriptedFixture(): ScriptedFixture {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let certificates: NamedCertificates
  let server: Cluster
  const cleanUp: (() => unknown)[] = []

  beforeAll(async () => {
    folder = await temporaryFolder()
    certificates = await makeNamedCertificates(folder.path)
    server = await startCluster(certificates)
  })
  afterEach(async () => {
    for (const clean of cleanUp.splice(0).reverse()) await clean()
  })
  afterAll(async () => {
    await server.stop()
    await folder.remove()
  })

  return {
    get folder() {
      return folder.path
    },
    get certificates() {
      return certificates
    },
    get server() {
      return server
    },
    cleanUp,
    proxyOf: async (script = 'tunnel') => {
      const proxy = await startScriptedProxy(script)
      cleanUp.push(proxy.stop)
      return proxy
    },
    through: ({ host }, more) => ({
      httpsProxy: `http://${userInfo}${host}`,
      ca: [{ pem: certificates.ca }],
      rejectUnauthorized: true,
      ...more,
    }),
  }
}
