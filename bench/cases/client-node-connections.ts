// Needs openssl, for the certificate of an API server's stand-in.

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createProxy } from 'node:http'
import { createServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { applyProxy } from '../../dist/adapters/kubernetes/apply-proxy.js'
import { median } from '../measure.ts'

export const title =
  'applyProxy: connections and time for 1,000 requests of client-node, one after the other and 32 at once'

const REQUESTS = 200
const ROUNDS = 5
/** An address of this machine that is no loopback address by NO_PROXY's rules. */
const HOST = '0.0.0.0'

export async function run(): Promise<Record<string, string | number>[]> {
  const folder = mkdtempSync(join(tmpdir(), 'pullpass-bench-'))
  const tls = makeCertificate(folder)
  let connections = 0
  const body = JSON.stringify({ kind: 'SecretList', apiVersion: 'v1', metadata: {}, items: [] })
  const server = createServer(tls, (_, response) => response.setHeader('content-type', 'application/json').end(body))
  server.on('secureConnection', () => connections++)
  const proxy = createProxy().on('connect', (request, socket: Socket) => {
    const target = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () =>
      socket.write('HTTP/1.1 200 OK\r\n\r\n'),
    )
    socket.pipe(target).pipe(socket)
    for (const end of [socket, target]) end.on('error', () => [socket, target].forEach((one) => one.destroy()))
  })
  const [port, proxyPort] = [await listen(server), await listen(proxy)]
  const uri = `http://127.0.0.1:${proxyPort}`
  const settings = { httpsProxy: uri, ca: [], rejectUnauthorized: true }
  const plain = kubeConfigFor(port, tls.cert)
  const contenders: Record<string, KubeConfig> = {
    'client-node': plain,
    'client-node, proxy-url': kubeConfigFor(port, tls.cert, uri),
    applyProxy: applyProxy(plain, undefined),
    'applyProxy, through a proxy': applyProxy(plain, settings),
  }
  const rows = []
  for (const [name, kubeConfig] of Object.entries(contenders)) {
    const api = kubeConfig.makeApiClient(CoreV1Api)
    for (const concurrency of [1, 32]) {
      const before = connections
      const times = []
      for (let round = 0; round < ROUNDS; round++) times.push(await timeRequests(api, concurrency))
      rows.push({
        name,
        'at once': concurrency,
        connections: connections - before,
        'ms a request (median)': Number((median(times) / REQUESTS).toFixed(2)),
      })
    }
  }
  server.close().closeAllConnections()
  proxy.close().closeAllConnections()
  rmSync(folder, { recursive: true })
  return rows
}

async function timeRequests(api: CoreV1Api, concurrency: number): Promise<number> {
  const start = performance.now()
  let left = REQUESTS
  const worker = async (): Promise<void> => {
    while (left-- > 0) await api.listNamespacedSecret({ namespace: 'default' })
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return performance.now() - start
}

function kubeConfigFor(port: number, cert: Buffer, proxyUrl?: string): KubeConfig {
  const kubeConfig = new KubeConfig()
  const cluster = {
    name: 'c',
    server: `https://${HOST}:${port}`,
    caData: cert.toString('base64'),
    skipTLSVerify: false,
  }
  kubeConfig.loadFromClusterAndUser({ ...cluster, ...(proxyUrl && { proxyUrl }) }, { name: 'u', token: 't' })
  return kubeConfig
}

function makeCertificate(folder: string): { key: Buffer; cert: Buffer } {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const names = ['-subj', '/CN=bench', '-addext', `subjectAltName=IP:${HOST}`]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert, ...names], { stdio: 'ignore' })
  return { key: readFileSync(key), cert: readFileSync(cert) }
}

async function listen(server: ReturnType<typeof createProxy> | ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
