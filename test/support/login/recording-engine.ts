import { createServer } from 'node:http'
import { listen } from '../listen.js'

/** Something that docker CLI takes for an engine, and that keeps the credentials it was sent. */
export interface RecordingEngine {
  /** As in DOCKER_HOST. */
  readonly host: string
  /** What came in X-Registry-Auth with the last pull. */
  lastAuth(): Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** Starts one that says that every image is up to date. */
export async function startRecordingEngine(): Promise<RecordingEngine> {
  let auth: string | undefined
  const server = createServer((request, response) => {
    const isPull = request.url?.includes('/images/create') === true
    if (isPull) auth = String(request.headers['x-registry-auth'] ?? '')
    response.writeHead(200, { 'api-version': '1.41', ostype: 'linux', 'content-type': 'application/json' })
    response.end(isPull ? '{"status":"Status: Image is up to date"}\n' : 'OK')
  })
  const { host, stop } = await listen(server)
  return {
    host: `tcp://${host}`,
    lastAuth: () => {
      if (auth === undefined) throw new Error('nothing was pulled')
      return JSON.parse(Buffer.from(auth, 'base64url').toString() || '{}') as Record<string, string>
    },
    stop,
  }
}
