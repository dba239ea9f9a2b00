// A pull secret into 1,000 namespaces of an API server in this process, over HTTPS. Needs openssl for its certificate.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { imagePullSecret, syncImagePullSecrets } from '../../dist/adapters/kubernetes/index.js'

export const title = '1,000 namespaces: requests, connections and time, ten at a time'

const NAMESPACES = Array.from({ length: 1000 }, (_, index) => `n${index}`)
const CONCURRENCY = 10
const registry = { server: 'registry.example.com', username: 'myuser', password: 'mypassword' }

export async function run(): Promise<Record<string, string | number>[]> {
  const server = await startServer()
  const rows: Record<string, string | number>[] = []
  const measure = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    const before = { ...server.counts }
    const start = performance.now()
    await work()
    rows.push({
      name,
      requests: server.counts.requests - before.requests,
      connections: server.counts.connections - before.connections,
      seconds: ((performance.now() - start) / 1000).toFixed(2),
    })
  }
  const sync = (strategy: 'recreate' | 'apply', password = registry.password): Promise<unknown> => {
    const concurrency = CONCURRENCY
    const options = { namespaces: NAMESPACES, registry: { ...registry, password }, strategy, concurrency }
    return syncImagePullSecrets(server.kubeConfig(), options)
  }
  try {
    const core = server.kubeConfig().makeApiClient(CoreV1Api)
    await measure('bare client-node, create', () => createAll(core))
    await measure('recreate: replace', () => sync('recreate'))
    await measure('apply: unchanged', () => sync('apply'))
    await measure('apply: update', () => sync('apply', 'another'))
    server.clear()
    await measure('recreate: create', () => sync('recreate'))
  } finally {
    server.close()
  }
  return rows
}

/** As one would write it. */
async function createAll(core: CoreV1Api): Promise<void> {
  const left = [...NAMESPACES]
  const work = async (): Promise<void> => {
    for (let namespace = left.pop(); namespace !== undefined; namespace = left.pop()) {
      await core.createNamespacedSecret({ namespace, body: imagePullSecret({ registry }) })
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, work))
}

interface BenchServer {
  readonly counts: { requests: number; connections: number }
  kubeConfig(): KubeConfig
  clear(): void
  close(): void
}

/** What a bare store of secrets costs, so that the client is what is measured. */
async function startServer(): Promise<BenchServer> {
  const folder = mkdtempSync(join(tmpdir(), 'pullpass-bench-'))
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')]
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync('openssl', ['req', '-x509', ...key, ...files, ...names], { stdio: 'ignore' })
  const [cert, privateKey] = [readFileSync(join(folder, 'cert.pem')), readFileSync(join(folder, 'key.pem'))]
  rmSync(folder, { recursive: true })

  const counts = { requests: 0, connections: 0 }
  const secrets = new Map<string, object>()
  const server: Server = createServer({ cert, key: privateKey }, (request, response) => {
    counts.requests++
    void answer(secrets, request, response)
  })
  server.on('secureConnection', () => counts.connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    counts,
    kubeConfig: () => {
      const kubeConfig = new KubeConfig()
      const cluster = { name: 'bench', server: `https://127.0.0.1:${port}`, caData: cert.toString('base64') }
      kubeConfig.loadFromClusterAndUser({ ...cluster, skipTLSVerify: false }, { name: 'bench', token: 'token' })
      return kubeConfig
    },
    clear: () => secrets.clear(),
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function answer(secrets: Map<string, object>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://localhost')
  const send = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  const found = secrets.get(pathname)
  if (request.method === 'GET' || request.method === 'DELETE') {
    if (request.method === 'DELETE') secrets.delete(pathname)
    send(found ? 200 : 404, found ?? { kind: 'Status', code: 404, reason: 'NotFound', message: 'not found' })
    return
  }
  const body = JSON.parse(Buffer.concat(chunks).toString()) as { metadata: { name?: string } }
  const metadata = { ...body.metadata, uid: 'uid', resourceVersion: '1' }
  const path = request.method === 'PATCH' ? pathname : `${pathname}/${body.metadata.name ?? ''}`
  if (!searchParams.has('dryRun')) secrets.set(path, { ...body, metadata })
  send(found ? 200 : 201, { ...body, metadata })
}
