import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { temporaryFolder } from '../../support/processes.js'
import { type Cluster, startCluster } from '../../support/proxies/cluster.js'
import { hosts, makeNamedCertificates, type NamedCertificates } from '../../support/proxies/names.js'
import { type ScriptedProxy, startScriptedProxy } from '../../support/proxies/scripted-proxy.js'
import { describeReal } from '../../support/real.js'

const support = join(import.meta.dirname, '../../support/proxies')

/** A process whose default roots are Node's and, where given, those of a file. */
async function getThrough(proxy: ScriptedProxy, server: Cluster, ca: string, extraRoots?: string): Promise<string> {
  const settings = { httpsProxy: `http://${proxy.host}`, ca: [{ pem: ca }], rejectUnauthorized: true }
  const args = ['--import', join(support, 'source-loader.ts'), join(support, 'get-through.ts')]
  const url = `https://${hosts.registry}:${server.port}/`
  const env = { ...process.env, ...(extraRoots !== undefined && { NODE_EXTRA_CA_CERTS: extraRoots }) }
  return (await promisify(execFile)(process.execPath, [...args, url, JSON.stringify(settings)], { env })).stdout
}

describeReal('the default roots, with a CA given', ['openssl'], () => {
  const folders: { path: string; remove(): Promise<void> }[] = []
  let ofProxy: NamedCertificates
  let ofPublicServer: NamedCertificates
  let proxy: ScriptedProxy
  let server: Cluster

  beforeAll(async () => {
    folders.push(await temporaryFolder(), await temporaryFolder())
    ofProxy = await makeNamedCertificates(folders[0]!.path, 'the CA of a proxy')
    ofPublicServer = await makeNamedCertificates(folders[1]!.path, 'the CA of a public server')
    server = await startCluster(ofPublicServer)
    proxy = await startScriptedProxy('tunnel')
  })
  afterAll(async () => {
    await proxy.stop()
    await server.stop()
    for (const folder of folders) await folder.remove()
  })

  it('still verify: a server of theirs is trusted through the proxy', async () => {
    expect(await getThrough(proxy, server, ofProxy.ca, ofPublicServer.caPath)).toBe('200 200')
    expect(proxy.requests).toContain(`CONNECT ${hosts.registry}:${server.port}`)
  })

  it('are not widened: a server of nobody’s is not', async () => {
    const code = 'SELF_SIGNED_CERT_IN_CHAIN'
    expect(await getThrough(proxy, server, ofProxy.ca)).toBe(`${code} ${code}`)
  })
})
