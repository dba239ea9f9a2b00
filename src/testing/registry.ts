import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { printedAs } from '../masking.js'
import type { Content, TestImage } from './image.js'

/** Options of {@link startTestRegistry}. */
export interface TestRegistryOptions {
  /** Who may pull, by HTTP Basic authentication. Absent: everybody. */
  readonly user?: { readonly username: string; readonly password: string }
  /** What it holds, by repository and tag: `{ 'opencti/connector-example:1.0.0': makeTestImage() }`. */
  readonly images?: Readonly<Record<string, TestImage>>
  /** Port on 127.0.0.1. Default: any free one. */
  readonly port?: number
}

/** A request that the registry answered, without its credentials. */
export interface TestRegistryRequest {
  readonly method: string
  readonly path: string
  readonly status: number
  /** Whether it carried an `Authorization` header. */
  readonly authenticated: boolean
}

/** A running registry. `close()` it, or `await using` it. */
export interface TestRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`, as in an image name. */
  readonly host: string
  /** Every request since the start, oldest first. */
  readonly requests: readonly TestRegistryRequest[]
  /** Ends it, and every connection to it. */
  close(): Promise<void>
}

/**
 * Starts a small registry inside this process, on loopback: pull side of the OCI distribution specification, open or
 * with a user and a password. For tests and demonstrations.
 */
export async function startTestRegistry(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const paths = servedPaths(options.images ?? {})
  const expected =
    options.user && `Basic ${Buffer.from(`${options.user.username}:${options.user.password}`).toString('base64')}`
  const requests: TestRegistryRequest[] = []
  const server = createServer((request, response) => {
    answer(request, response, paths, expected)
    requests.push({
      method: request.method ?? '',
      path: request.url ?? '',
      status: response.statusCode,
      authenticated: request.headers.authorization !== undefined,
    })
  })
  await listen(server, options.port ?? 0)
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const registry = { host, requests, close, [Symbol.asyncDispose]: close }
  return printedAs(registry, () => `TestRegistry(${host})`)
}

function servedPaths(images: Readonly<Record<string, TestImage>>): Map<string, Content> {
  const paths = new Map<string, Content>()
  for (const [name, image] of Object.entries(images)) {
    const [repository = '', tag = 'latest'] = name.split(':')
    paths.set(`/v2/${repository}/manifests/${tag}`, image.index)
    for (const manifest of [image.index, ...image.manifests]) {
      paths.set(`/v2/${repository}/manifests/${manifest.digest}`, manifest)
    }
    for (const blob of image.blobs) paths.set(`/v2/${repository}/blobs/${blob.digest}`, blob)
  }
  return paths
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  paths: ReadonlyMap<string, Content>,
  authorization: string | undefined,
): void {
  response.setHeader('Docker-Distribution-Api-Version', 'registry/2.0')
  if (authorization !== undefined && request.headers.authorization !== authorization) {
    response.setHeader('WWW-Authenticate', 'Basic realm="pullpass test registry"')
    return refuse(response, 401, 'UNAUTHORIZED', 'authentication required')
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return refuse(response, 405, 'UNSUPPORTED', 'this registry only serves pulls')
  }
  const path = request.url ?? ''
  if (path === '/v2/') return void response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}')
  const content = paths.get(path)
  if (!content) return refuse(response, 404, ...notFound(path))
  response.writeHead(200, {
    'Content-Type': content.mediaType,
    'Content-Length': content.bytes.length,
    'Docker-Content-Digest': content.digest,
  })
  response.end(request.method === 'HEAD' ? undefined : content.bytes)
}

function notFound(path: string): [code: string, message: string] {
  if (path.includes('/manifests/')) return ['MANIFEST_UNKNOWN', 'manifest unknown']
  return path.includes('/blobs/') ? ['BLOB_UNKNOWN', 'blob unknown to registry'] : ['NOT_FOUND', 'not found']
}

/** The error body of the OCI distribution specification. */
function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify({ errors: [{ code, message }] }))
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}
