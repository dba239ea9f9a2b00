// resolveDigest beside bare undici and skopeo, against a registry with token authentication on a thread of its own.
// BENCH_CALLS says over how many calls memory is looked at; 100,000 take some 20 s.

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { Agent } from 'undici'
import { createRegistryClient } from '../../dist/registry/index.js'
import { makeTestImage } from '../../dist/testing/index.js'
import { median } from '../measure.ts'

export const title = 'resolveDigest: 1,000 calls over 10 repositories with token authentication, 32 at a time'

const CALLS = 1000
const CONCURRENCY = 32
const ROUNDS = 9
const MEMORY_CALLS = Number(process.env['BENCH_CALLS'] ?? 20_000)
const user = { username: 'puller', password: 'secret' }
const repositories = Array.from({ length: 10 }, (_, index) => `acme/app-${index}`)
const image = makeTestImage()

type Row = Record<string, string | number>
type Counts = Record<'tokens' | 'connections' | 'requests', number>

export async function run(): Promise<Row[]> {
  const worker = new Worker(new URL(import.meta.url))
  const [port] = (await once(worker, 'message')) as [number]
  const counts = async (): Promise<Counts> => {
    worker.postMessage('counts')
    return ((await once(worker, 'message')) as [Counts])[0]
  }
  try {
    const rates = await compareRates(port, counts)
    return [...rates, await skopeo(port), await memory(port)]
  } finally {
    await worker.terminate()
  }
}

/** Takes turns, and takes the middle of each one's rounds. Every round starts anew: connections, greeting, tokens. */
async function compareRates(port: number, counts: () => Promise<Counts>): Promise<Row[]> {
  const token = await readyToken(port)
  const contenders: Record<string, () => Promise<void>> = {
    'bare undici, a token at hand': () => bareRound(port, { token }),
    // It ends the connection after each HEAD unless it is told not to.
    'the same, reset: false': () => bareRound(port, { token, reset: false }),
    resolveDigest: () => clientRound(port),
  }
  const rates = new Map<string, number[]>()
  const last = new Map<string, Counts>()
  for (let round = 0; round <= ROUNDS; round += 1) {
    const order = Object.entries(contenders)
    for (const [name, work] of round % 2 === 0 ? order : order.reverse()) {
      await counts()
      const start = performance.now()
      await work()
      // The first round is for the compiler.
      if (round > 0) rates.set(name, [...(rates.get(name) ?? []), CALLS / ((performance.now() - start) / 1000)])
      last.set(name, await counts())
    }
  }
  const bare = median(rates.get('bare undici, a token at hand') ?? [])
  return [...rates].map(([name, each]) => ({
    name,
    'calls a second': Math.round(median(each)),
    'ratio to bare': Number((median(each) / bare).toFixed(2)),
    'token requests': last.get(name)?.tokens ?? 0,
    connections: last.get(name)?.connections ?? 0,
    requests: last.get(name)?.requests ?? 0,
  }))
}

async function clientRound(port: number): Promise<void> {
  const client = createRegistryClient({ credentials: user })
  await atATime(CALLS, (index) => client.resolveDigest(nameOf(port, index)))
  await client.close()
}

async function bareRound(port: number, { token, ...options }: { token: string; reset?: boolean }): Promise<void> {
  const agent = new Agent()
  await atATime(CALLS, async (index) => {
    const { headers, body } = await agent.request({
      ...options,
      origin: `http://127.0.0.1:${port}`,
      path: `/v2/${repositories[index % repositories.length] ?? ''}/manifests/1.0`,
      method: 'HEAD',
      headers: { authorization: `Bearer ${token}`, accept: image.index.mediaType },
    })
    await body.dump()
    if (headers['docker-content-digest'] !== image.index.digest) throw new Error('not the digest')
  })
  await agent.close()
}

/** One process after the other, as in a script. */
async function skopeo(port: number): Promise<Row> {
  const name = 'skopeo inspect --raw'
  const start = performance.now()
  try {
    for (const index of repositories.keys()) {
      const options = ['--raw', '--tls-verify=false', '--creds', `${user.username}:${user.password}`]
      await promisify(execFile)('skopeo', ['inspect', ...options, `docker://${nameOf(port, index)}`])
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return { name: `${name}: not measured, it is not installed` }
    throw error
  }
  return { name, 'calls a second': Math.round(repositories.length / ((performance.now() - start) / 1000)) }
}

async function memory(port: number): Promise<Row> {
  const client = createRegistryClient({ credentials: user })
  const call = (index: number): Promise<unknown> => client.resolveDigest(nameOf(port, index))
  await atATime(MEMORY_CALLS / 10, call)
  const before = await heapUsed()
  await atATime(MEMORY_CALLS, call)
  const after = await heapUsed()
  await client.close()
  return {
    name: `heap after ${MEMORY_CALLS} calls`,
    'kB more': Math.round((after - before) / 1024),
    'kB before': Math.round(before / 1024),
  }
}

async function heapUsed(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let round = 0; round < 3; round += 1) {
    collect()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return process.memoryUsage().heapUsed
}

async function atATime(calls: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < calls) await work(next++)
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
}

function nameOf(port: number, index: number): string {
  return `127.0.0.1:${port}/${repositories[index % repositories.length] ?? ''}:1.0`
}

async function readyToken(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/token`)
  return ((await answer.json()) as { token: string }).token
}

/** A registry that wants a token for everything, and its token server. */
function serve(): void {
  const token = 'opaque'
  let counts: Counts = { tokens: 0, connections: 0, requests: 0 }
  const contents = new Map(
    [image.index, ...image.manifests, ...image.blobs].map((content) => [content.digest, content]),
  )
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const { url = '', method, headers } = request
    counts.requests += 1
    if (url.startsWith('/token')) {
      counts.tokens += 1
      return void response.end(JSON.stringify({ token, expires_in: 300 }))
    }
    if (headers.authorization !== `Bearer ${token}`) {
      const realm = `http://${headers.host ?? ''}/token`
      return void response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="bench"` }).end()
    }
    const pointer = url.slice(url.lastIndexOf('/') + 1)
    const content = pointer === '1.0' ? image.index : contents.get(pointer)
    if (!content) return void response.writeHead(url === '/v2/' ? 200 : 404).end()
    const { mediaType, bytes, digest } = content
    response.writeHead(200, {
      'content-type': mediaType,
      'content-length': bytes.length,
      'docker-content-digest': digest,
    })
    response.end(method === 'HEAD' ? undefined : bytes)
  })
  server.on('connection', () => (counts.connections += 1))
  server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port))
  parentPort?.on('message', () => {
    parentPort?.postMessage(counts)
    counts = { tokens: 0, connections: 0, requests: 0 }
  })
}

if (!isMainThread) serve()
