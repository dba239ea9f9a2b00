import { chmodSync, writeFileSync } from 'node:fs'
import type { RequestOptions } from 'node:https'
import { get } from 'node:https'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { CoreV1Api, type Cluster as KubeCluster, KubeConfig, type User, Watch } from '@kubernetes/client-node'
import { expect, it } from 'vitest'
import { applyProxy } from '../../../src/adapters/kubernetes/apply-proxy.js'
import { expectNoSecret } from '../../support/proxies/matrix.js'
import { hosts } from '../../support/proxies/names.js'
import { useScriptedFixture } from '../../support/proxies/scripted-fixture.js'
import type { Script } from '../../support/proxies/scripted-proxy.js'
import { describeReal } from '../../support/real.js'

describeReal('applyProxy', ['openssl'], () => {
  const fixture = useScriptedFixture()
  const { proxyOf } = fixture

  // The CA of the cluster comes with the kubeconfig.
  const through: typeof fixture.through = (proxy, more) => fixture.through(proxy, { ca: [], ...more })
  const kubeConfigOf = (user: Omit<User, 'name'> = {}, cluster: Partial<KubeCluster> = {}): KubeConfig => {
    const kubeConfig = new KubeConfig()
    const address = `https://${hosts.cluster}:${fixture.server.port}`
    const known = { name: 'cluster', server: address, caData: btoa(fixture.certificates.ca), skipTLSVerify: false }
    kubeConfig.loadFromClusterAndUser({ ...known, ...cluster }, { name: 'user', token: 'a token', ...user })
    return kubeConfig
  }
  const local = (): string => `https://localhost:${fixture.server.port}`
  const list = async (kubeConfig: KubeConfig): Promise<unknown> =>
    kubeConfig.makeApiClient(CoreV1Api).listNamespacedSecret({ namespace: 'default' })

  it('shares connections, of which client-node by itself opens one a request', async () => {
    const requests = 8
    const connectionsFor = async (kubeConfig: KubeConfig): Promise<number> => {
      const before = fixture.server.connections()
      for (let request = 0; request < requests; request++) await list(kubeConfig)
      return fixture.server.connections() - before
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
    const before = fixture.server.connections()
    for (let round = 0; round < 3; round++) await Promise.all([list(routed), list(routed), list(routed)])
    expect(fixture.server.connections() - before).toBeLessThanOrEqual(4)
  })

  it('goes directly where NO_PROXY says so', async () => {
    const proxy = await proxyOf()
    const routed = applyProxy(
      kubeConfigOf({}, { server: `https://0.0.0.0:${fixture.server.port}` }),
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
    await list(applyProxy(kubeConfigOf({}, stranger), through(proxy, { ca: [{ pem: fixture.certificates.ca }] })))
    await list(applyProxy(kubeConfigOf({}, { ...stranger, skipTLSVerify: true }), through(proxy)))
    await list(applyProxy(kubeConfigOf({}, stranger), through(proxy, { rejectUnauthorized: false })))
  })

  it('keeps tokens, and the exec plugins and files that they come from', async () => {
    const plugin = join(fixture.folder, 'plugin')
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'by exec' },
    }
    writeFileSync(plugin, `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`)
    chmodSync(plugin, 0o755)
    const tokenFile = join(fixture.folder, 'token')
    writeFileSync(tokenFile, 'by file')
    const users: [Omit<User, 'name'>, string][] = [
      [{ token: 'by name' }, 'Bearer by name'],
      [{ token: '', exec: { apiVersion: credential.apiVersion, command: plugin } }, 'Bearer by exec'],
      [{ token: '', authProvider: { name: 'tokenFile', config: { tokenFile } } }, 'Bearer by file'],
      [{ token: '', username: 'user', password: 'secret' }, `Basic ${btoa('user:secret')}`],
    ]
    for (const [user, authorization] of users) {
      await list(applyProxy(kubeConfigOf(user), through(await proxyOf())))
      expect(fixture.server.requests.at(-1)?.authorization).toBe(authorization)
    }
  })

  it('keeps client certificates, and takes up renewed ones', async () => {
    const { cert, key } = fixture.certificates.client
    const kubeConfig = kubeConfigOf({ certData: btoa(cert), keyData: btoa(key) })
    const routed = applyProxy(kubeConfig, through(await proxyOf()))
    await list(routed)
    expect(fixture.server.requests.at(-1)?.certified).toBe(true)
    const [user] = kubeConfig.users
    kubeConfig.users = [{ name: user!.name, token: 'instead' }]
    await list(routed)
    expect(fixture.server.requests.at(-1)?.certified).toBe(false)
  })

  it('keeps the name that the cluster’s certificate is for', async () => {
    const proxy = through(await proxyOf())
    const elsewhere = { server: `https://elsewhere.pullpass.test:${fixture.server.port}` }
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
    const plain = { server: `http://${hosts.cluster}:${fixture.server.port}` }
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
    const { cert, key } = fixture.certificates.client
    const routed = applyProxy(kubeConfigOf({ certData: btoa(cert), keyData: btoa(key) }), through(proxy))
    const options: RequestOptions = { host: hosts.cluster, port: fixture.server.port, path: '/exec' }
    await routed.applyToHTTPSOptions(options)
    const [response] = (await once(get(options), 'response')) as [IncomingMessage]
    response.resume()
    expect(fixture.server.requests.at(-1)).toMatchObject({
      path: '/exec',
      certified: true,
      authorization: 'Bearer a token',
    })
    expect(proxy.requests).toHaveLength(1)
    const again: RequestOptions = {}
    await routed.applyToHTTPSOptions(again)
    expect(again.agent).toBe(options.agent)
    if (typeof options.agent === 'object') options.agent.destroy()
  })

  it('follows the context that is chosen on it, and leaves the other alone', async () => {
    const kubeConfig = kubeConfigOf()
    kubeConfig.addCluster({
      name: 'second',
      server: local(),
      caData: btoa(fixture.certificates.ca),
      skipTLSVerify: false,
    })
    kubeConfig.addContext({ name: 'second', cluster: 'second', user: 'user' })
    const before = kubeConfig.exportConfig()
    const proxy = await proxyOf()
    const routed = applyProxy(kubeConfig, through(proxy))
    expect(routed).toBeInstanceOf(KubeConfig)
    await list(routed)
    routed.setCurrentContext('second')
    await list(routed)
    expect(proxy.requests).toEqual([`CONNECT ${hosts.cluster}:${fixture.server.port}`])
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
