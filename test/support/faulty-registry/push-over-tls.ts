import { Agent } from 'undici'
import type { TestImage } from '../../../src/testing/index.js'

/** Puts the first manifest of an image into a registry over TLS, under its digest. */
export async function pushOverTls(origin: string, ca: string, repository: string, image: TestImage): Promise<void> {
  const agent = new Agent({ connect: { ca } })
  const send = async (
    method: 'POST' | 'PUT',
    path: string,
    type = '',
    body: Uint8Array | null = null,
  ): Promise<string> => {
    const headers = { 'content-type': type }
    const answer = await agent.request({ origin, path, method, headers, body })
    await answer.body.dump()
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode}`)
    return String(answer.headers.location)
  }
  for (const blob of image.blobs) {
    const location = new URL(await send('POST', `/v2/${repository}/blobs/uploads/`), origin)
    location.searchParams.set('digest', blob.digest)
    await send('PUT', location.pathname + location.search, 'application/octet-stream', blob.bytes)
  }
  const [manifest] = image.manifests
  await send('PUT', `/v2/${repository}/manifests/${manifest!.digest}`, manifest!.mediaType, manifest!.bytes)
  await agent.close()
}
