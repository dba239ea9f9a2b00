import { chmodSync, writeFileSync } from 'node:fs'
import type { RequestOptions } from 'node:https'
import { get } from 'node:https'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { CoreV1Api, type Cluster as KubeCluster, KubeConfig, type User, Watch } from '@kubernetes/client-node'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { applyProxy } from '../../../src/adapters/kubernetes/apply-proxy.js'
import type { ProxySettings } from '../../../src/settings/types.js'
import { temporaryFolder } from '../../support/processes.js'
import { type Cluster, startCluster } from '../../support/proxies/cluster.js'
import { expectNoSecret } from '../../support/proxies/matrix.js'
import { hosts, makeNamedCertificates, type NamedCertificates } from '../../support/proxies/names.js'
import { userInfo } from '../../support/proxies/proxy.js'
import { type Script, type ScriptedProxy, startScriptedProxy } from '../../support/proxies/scripted-proxy.js'
import { describeReal } from '../../support/real.js'

describeReal('applyProxy', ['openssl'], () => {
  let folder: { path: string; remove(): Promise<void> }
  let certificates: NamedCertificates
  let server: Cluster
  const cleanUp: (() => Promise<unknown>)[] = []

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

  const proxyOf = async (script: Script = 'tunnel'): Promise<ScriptedProxy> => {
    const proxy = await startScriptedProxy(script)
    cleanUp.push(proxy.stop)
    return proxy
  }
  const through = ({ host }: { host: string }, more: Partial<ProxySettings> = {}): ProxySettings => {
    return { httpsProxy: `http://${userInfo}${host}`, ca: [], rejectUnauthorized: true, ...more }
  }
  const kubeConfigOf = (user: Omit<User, 'name'> = {}, cluster: Partial<KubeCluster> = {}): KubeConfig => {
    const kubeConfig = new KubeConfig()
    const address = `https://${hosts.cluster}:${server.port}`
    const known = { name: 'cluster', server: address, caData: btoa(certificates.ca), skipTLSVerify: false }
    kubeConfig.loadFromClusterAndUser({ ...known, ...cluster }, { name: 'user', token: 'a token', ...user })
    return kubeConfig
  }
  const local = (): string => `https://localhost:${server.port}`
  const list = async (kubeConfig: KubeConfig): Promise<unknown> =>
    kubeConfig.makeApiClient(CoreV1Api).listNamespacedSecret({ namespace: 'default' })

  it('shares connections, of which client-node by itself opens one a request', async () => {
    const requests = 8
    const connectionsFor = async (kubeConfig: KubeConfig): Promise<number> => {
      const before = server.connections()
      for (let request = 0; request < requests; request++) await list(kubeConfig)
      return server.connections() - before
    }
    const direct = kubeConfigOf({}, { server: local() })
    expect(await connectionsFor(direct)).toBe(requests)
    // undici may open a second one while it tidies up the first.
    expect(await connectionsFor(applyProxy(direct, undefined))).toBeLessThanOrEqual(2)
    const proxy = await proxyOf()
    expect(await connectionsFor(applyProxy(kubeConfigOf(), through(proxy)))).toBeLessThanOrEqual(2)
    expect(proxy.requests.length).toBeLessThanOrEqual(2)
  })

  it('shares them among the API clients of one KubeConfig, at once', async () => {
    const routed = applyProxy(kubeConfigOf(), through(await proxyOf()))
    const before = server.connections()
    for (let round = 0; round < 3; round++) await Promise.all([list(routed), list(routed), list(routed)])
    expect(server.connections() - before).toBeLessThanOrEqual(4)
  })

  it('goes directly where NO_PROXY says so', async () => {
    const proxy = await proxyOf()
    const routed = applyProxy(
      kubeConfigOf({}, { server: `https://0.0.0.0:${server.port}` }),
      through(proxy, { noProxy: '0.0.0.0/32' }),
    )
    await list(routed)
    expect(proxy.requests).toEqual([])
  })

  it('trusts the cluster’s CA alone, besides the proxy’s', async () => {
    const proxy = await proxyOf()
    const stranger = { caData: undefined as unknown as string }
    await expect(list(applyProxy(kubeConfigOf({}, stranger), through(proxy)))).rejects.toMatchObject({
      cause: { code: 'SELF_SIGNED_CERT_IN_CHAIN' },
    })
    await list(applyProxy(kubeConfigOf({}, stranger), through(proxy, { ca: [{ pem: certificates.ca }] })))
    await list(applyProxy(kubeConfigOf({}, { ...stranger, skipTLSVerify: true }), through(proxy)))
    await list(applyProxy(kubeConfigOf({}, stranger), through(proxy, { rejectUnauthorized: false })))
  })

  it('keeps tokens, and the exec plugins and files that they come from', async () => {
    const plugin = join(folder.path, 'plugin')
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'by exec' },
    }
    writeFileSync(plugin, `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`)
    chmodSync(plugin, 0o755)
    const tokenFile = join(folder.path, 'token')
    writeFileSync(tokenFile, 'by file')
    const users: [Omit<User, 'name'>, string][] = [
      [{ token: 'by name' }, 'Bearer by name'],
      [{ token: '', exec: { apiVersion: credential.apiVersion, command: plugin } }, 'Bearer by exec'],
      [{ token: '', authProvider: { name: 'tokenFile', config: { tokenFile } } }, 'Bearer by file'],
      [{ token: '', username: 'user', password: 'secret' }, `Basic ${btoa('user:secret')}`],
    ]
    for (const [user, authorization] of users) {
      await list(applyProxy(kubeConfigOf(user), through(await proxyOf())))
      expect(server.requests.at(-1)?.authorization).toBe(authorization)
    }
  })

  it('keeps client certificates, and takes up renewed ones', async () => {
    const { cert, key } = certificates.client
    const kubeConfig = kubeConfigOf({ certData: btoa(cert), keyData: btoa(key) })
    const routed = applyProxy(kubeConfig, through(await proxyOf()))
    await list(routed)
    expect(server.requests.at(-1)?.certified).toBe(true)
    const [user] = kubeConfig.users
    kubeConfig.users = [{ name: user!.name, token: 'instead' }]
    await list(routed)
    expect(server.requests.at(-1)?.certified).toBe(false)
  })

  it('keeps the name that the cluster’s certificate is for', async () => {
    const proxy = through(await proxyOf())
    const elsewhere = { server: `https://elsewhere.pullpass.test:${server.port}` }
    await list(applyProxy(kubeConfigOf({}, { ...elsewhere, tlsServerName: hosts.cluster }), proxy))
    await expect(list(applyProxy(kubeConfigOf({}, elsewhere), proxy))).rejects.toMatchObject({
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    })
  })

  it('leaves a cluster that has a proxy-url to it, and shares its connections', async () => {
    const [own, other] = [await proxyOf(), await proxyOf()]
    const routed = applyProxy(kubeConfigOf({}, { proxyUrl: `http://${own.host}` }), through(other))
    for (let request = 0; request < 6; request++) await list(routed)
    expect(own.requests.length).toBeGreaterThan(0)
    expect(own.requests.length).toBeLessThanOrEqual(2)
    expect(other.requests).toEqual([])
  })

  it('still refuses to speak plain HTTP with a cluster', async () => {
    const plain = { server: `http://${hosts.cluster}:${server.port}` }
    await expect(list(applyProxy(kubeConfigOf({}, plain), undefined))).rejects.toThrow('HTTP protocol is not allowed')
  })

  it('watches through the proxy', async () => {
    const proxy = await proxyOf()
    const watch = new Watch(applyProxy(kubeConfigOf(), through(proxy)))
    const seen = await new Promise((resolve, reject) => {
      void watch.watch('/api/v1/secrets', {}, (type) => resolve(type), reject)
    })
    expect(seen).toBe('ADDED')
    expect(proxy.requests).toHaveLength(1)
  })

  it('gives the WebSockets of exec, attach and port-forward an agent that takes the same way', async () => {
    const proxy = await proxyOf()
    const { cert, key } = certificates.client
    const routed = applyProxy(kubeConfigOf({ certData: btoa(cert), keyData: btoa(key) }), through(proxy))
    const options: RequestOptions = { host: hosts.cluster, port: server.port, path: '/exec' }
    await routed.applyToHTTPSOptions(options)
    const [response] = (await once(get(options), 'response')) as [IncomingMessage]
    response.resume()
    expect(server.requests.at(-1)).toMatchObject({ path: '/exec', certified: true, authorization: 'Bearer a token' })
    expect(proxy.requests).toHaveLength(1)
    const again: RequestOptions = {}
    await routed.applyToHTTPSOptions(again)
    expect(again.agent).toBe(options.agent)
    if (typeof options.agent === 'object') options.agent.destroy()
  })

  it('follows the context that is chosen on it, and leaves the other alone', async () => {
    const kubeConfig = kubeConfigOf()
    kubeConfig.addCluster({ name: 'second', server: local(), caData: btoa(certificates.ca), skipTLSVerify: false })
    kubeConfig.addContext({ name: 'second', cluster: 'second', user: 'user' })
    const before = kubeConfig.exportConfig()
    const proxy = await proxyOf()
    const routed = applyProxy(kubeConfig, through(proxy))
    expect(routed).toBeInstanceOf(KubeConfig)
    await list(routed)
    routed.setCurrentContext('second')
    await list(routed)
    expect(proxy.requests).toEqual([`CONNECT ${hosts.cluster}:${server.port}`])
    expect(kubeConfig.exportConfig()).toBe(before)
    expect(Object.getOwnPropertyNames(kubeConfig)).not.toContain('applySecurityAuthentication')
  })

  it.each<[Script, string]>([
    [407, 'ERR_PROXY_AUTHENTICATION_REQUIRED'],
    [403, 'ERR_PROXY'],
  ])('says why the proxy did not let it through: %s', async (script, code) => {
    const routed = applyProxy(kubeConfigOf(), through(await proxyOf(script)))
    const error: unknown = await list(routed).catch((e: unknown) => e)
    expect(error).toMatchObject({ cause: { code } })
    expectNoSecret({ error, routed })
  })

  it('reads CA files at the first request', async () => {
    const routed = applyProxy(kubeConfigOf(), through(await proxyOf(), { ca: [{ path: '/no/ca.pem' }] }))
    await expect(list(routed)).rejects.toMatchObject({ code: 'ERR_SETTINGS' })
  })
})
