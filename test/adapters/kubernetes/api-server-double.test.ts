import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ApiServer } from '../../support/api-server/index.js'
import { makeCertificates } from '../../support/certificates.js'

interface Exchange {
  readonly title: string
  readonly request: { method: string; path: string; contentType?: string; body?: unknown; as: string }
  readonly response: { status: number; headers: Record<string, string>; body: Record<string, unknown> }
}

const file = join(import.meta.dirname, '../../vectors/kubernetes-api-exchanges.json')
const { exchanges } = JSON.parse(readFileSync(file, 'utf8')) as { exchanges: Exchange[] }

let folder: string
let server: ApiServer
let tokens: Record<string, string>
/** Recorded uid -> the double's. */
const uids = new Map<string, string>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pullpass-double-'))
  const certificates = await makeCertificates(folder)
  server = await new ApiServer({ certificates, revision: 208 }).start()
  const composer = 'system:serviceaccount:default:xtm-composer'
  tokens = { 'cluster-admin': server.token(), 'unprivileged service account': server.token(composer) }
})

afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

/** Each exchange builds on those before it, so they are one test. */
describe('the double of kube-apiserver', () => {
  it('is held against every recorded exchange', () => {
    expect(exchanges.length).toBe(52)
  })

  it.each(exchanges)('answers as recorded: $title', async ({ title, request, response }) => {
    const token = title.includes('wrong token') ? 'wrong' : tokens[request.as]
    const answer = await send(request, token, bodyOf(title, request.body))
    expect(answer.status).toBe(response.status)
    expect(answer.headers['content-type']).toBe(response.headers['content-type'])
    expect(answer.headers['warning']).toBe(response.headers['warning'])
    learnUid(response.body, answer.body)
    expect(comparable(answer.body)).toEqual(comparable(response.body, (uid) => uids.get(uid) ?? uid))
  })
})

/** The recording leaves out the one that is too large. */
function bodyOf(title: string, body: unknown): unknown {
  if (typeof body !== 'string') return body
  expect(title).toBe('create with data over 1 MiB')
  const data = { '.dockerconfigjson': Buffer.from(`{"auths":"${'x'.repeat(1 << 20)}"}`).toString('base64') }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'too-big' },
    type: 'kubernetes.io/dockerconfigjson',
    data,
  }
}

function learnUid(recorded: Record<string, unknown>, answered: Record<string, unknown>): void {
  const uid = (body: Record<string, unknown>): string | undefined => (body['metadata'] as { uid?: string }).uid
  const [theirs, ours] = [uid(recorded), uid(answered)]
  if (theirs !== undefined && ours !== undefined && !uids.has(theirs)) uids.set(theirs, ours)
}

/** All but the times, the fields of a pod that its managers own, and what is random. */
function comparable(body: unknown, uid: (recorded: string) => string = (each) => each): unknown {
  const text = JSON.stringify(body, (key, value: unknown) => {
    if (key === 'time' || key.endsWith('Timestamp')) return typeof value
    if (key === 'managedFields' && JSON.stringify(value).includes('f:containers')) return undefined
    if (key === 'uid') return uid(String(value))
    return value
  })
  return JSON.parse([...uids].reduce((all, [theirs]) => all.replaceAll(theirs, uid(theirs)), text))
}

interface Answer {
  readonly status: number | undefined
  readonly headers: Record<string, unknown>
  readonly body: Record<string, unknown>
}

function send(
  { method, path, contentType }: Exchange['request'],
  token: string | undefined,
  body: unknown,
): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body, (_key, value: unknown) => value)
  const recordedUid =
    text === undefined ? text : [...uids].reduce((all, [theirs, ours]) => all.replaceAll(theirs, ours), text)
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(contentType !== undefined && { 'content-type': contentType }),
    ...(recordedUid !== undefined && { 'content-length': Buffer.byteLength(recordedUid) }),
  }
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(
      `${server.url}${path}`,
      { method, headers, rejectUnauthorized: false },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('end', () => {
          const parsed = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>
          resolve({ status: incoming.statusCode, headers: incoming.headers, body: parsed })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(recordedUid)
  })
}
