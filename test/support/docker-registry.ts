import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Agent, fetch, type Response } from 'undici'
import type { TestImage } from '../../src/testing/index.js'
import type { Certificates } from './certificates.js'
import { freePort, run, startService, temporaryFolder } from './processes.js'
import type { TokenServer } from './token-server.js'

/** How a registry is set up; by default open and over plain HTTP. */
export interface RegistryOptions {
  readonly user?: { readonly username: string; readonly password: string }
  readonly tls?: Certificates
  readonly tokenServer?: TokenServer
}

/** Debian's docker-registry on loopback. */
export interface DockerRegistry {
  /** `127.0.0.1:PORT`; `localhost:PORT` is the same one. */
  readonly host: string
  readonly port: number
  /** Its access log so far. */
  log(): string
  stop(): Promise<void>
}

/** Starts Debian's docker-registry on a free port, with a data folder of its own. */
export async function startDockerRegistry(options: RegistryOptions = {}): Promise<DockerRegistry> {
  const folder = await temporaryFolder()
  const port = await freePort()
  const config = join(folder.path, 'config.json') // JSON is YAML
  await mkdir(join(folder.path, 'data'))
  await writeFile(config, JSON.stringify(await configuration(options, folder.path, port)))
  const service = await startService('docker-registry', ['serve', config], async () => {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.destroy()
  })
  const stop = async (): Promise<void> => {
    await service.stop()
    await folder.remove()
  }
  return { host: `127.0.0.1:${port}`, port, log: service.output, stop }
}

async function configuration(options: RegistryOptions, folder: string, port: number): Promise<object> {
  const { tls, user, tokenServer } = options
  return {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: false } },
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
    http: {
      addr: `127.0.0.1:${port}`,
      secret: 'a secret for this run',
      ...(tls && { tls: { certificate: tls.certPath, key: tls.keyPath } }),
    },
    ...(user && { auth: { htpasswd: { realm: 'pullpass tests', path: await passwordFile(user, folder) } } }),
    ...(tokenServer && { auth: { token: tokenServer.registryConfiguration } }),
  }
}

async function passwordFile(user: { username: string; password: string }, folder: string): Promise<string> {
  const file = join(folder, 'htpasswd')
  await writeFile(file, await run('htpasswd', ['-nbB', user.username, user.password]))
  return file
}

/** Puts an image into a registry by its HTTP API, as `docker push` does. `ca`: of a registry with TLS. */
export async function pushImage(
  registryUrl: string,
  name: string,
  image: TestImage,
  authorization?: string,
  ca?: string,
): Promise<void> {
  const [repository = '', tag = 'latest'] = name.split(':')
  const dispatcher = new Agent({ connect: ca === undefined ? {} : { ca } })
  const headers = authorization === undefined ? {} : { authorization }
  const send = async (method: string, url: string, contentType?: string, body?: Uint8Array): Promise<Response> => {
    const response = await fetch(new URL(url, registryUrl), {
      method,
      dispatcher,
      headers: { ...headers, ...(contentType !== undefined && { 'content-type': contentType }) },
      ...(body && { body }),
    })
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`)
    return response
  }
  for (const blob of image.blobs) {
    const upload = await send('POST', `/v2/${repository}/blobs/uploads/`)
    const location = new URL(upload.headers.get('location') ?? '', registryUrl)
    location.searchParams.set('digest', blob.digest)
    await send('PUT', location.href, 'application/octet-stream', blob.bytes)
  }
  for (const manifest of image.manifests) {
    await send('PUT', `/v2/${repository}/manifests/${manifest.digest}`, manifest.mediaType, manifest.bytes)
  }
  await send('PUT', `/v2/${repository}/manifests/${tag}`, image.index.mediaType, image.index.bytes)
  await dispatcher.close()
}

/** The `Authorization` header of HTTP Basic authentication. */
export function basic(user: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${user.username}:${user.password}`).toString('base64')}`
}
