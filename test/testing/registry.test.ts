import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeTestImage, startTestRegistry, type TestRegistry } from '../../src/testing/index.js'
import { inspect } from 'node:util'

const image = makeTestImage()
const user = { username: 'myuser', password: 'canary-password' }
let registry: TestRegistry

beforeAll(async () => {
  registry = await startTestRegistry({ user, images: { 'acme/hello:v1': image } })
})
afterAll(() => registry.close())

function ask(path: string, login?: { username: string; password: string }, method = 'GET'): Promise<Response> {
  const encoded = login && Buffer.from(`${login.username}:${login.password}`).toString('base64')
  const headers = encoded === undefined ? {} : { authorization: `Basic ${encoded}` }
  return fetch(`http://${registry.host}${path}`, { method, headers })
}

describe('startTestRegistry', () => {
  it('refuses requests without credentials, and with wrong ones, as a registry does', async () => {
    for (const login of [undefined, { ...user, password: 'wrong' }]) {
      const response = await ask('/v2/', login)
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe('Basic realm="pullpass test registry"')
      expect(await response.json()).toEqual({ errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] })
    }
  })

  it('serves an image by tag and by digest, with its type and digest', async () => {
    for (const name of ['v1', image.index.digest]) {
      const response = await ask(`/v2/acme/hello/manifests/${name}`, user)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe(image.index.mediaType)
      expect(response.headers.get('docker-content-digest')).toBe(image.index.digest)
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(image.index.bytes)
    }
    const [blob] = image.blobs
    expect((await ask(`/v2/acme/hello/blobs/${blob!.digest}`, user, 'HEAD')).headers.get('content-length')).toBe(
      String(blob!.bytes.length),
    )
  })

  it('says what it does not have', async () => {
    const response = await ask('/v2/acme/hello/manifests/v2', user)
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] })
    expect((await ask('/v2/acme/hello/manifests/v1', user, 'PUT')).status).toBe(405)
  })

  it('remembers what was asked, and whether credentials came along, but not which', async () => {
    await ask('/v2/', user)
    expect(registry.requests.at(-1)).toEqual({ method: 'GET', path: '/v2/', status: 200, authenticated: true })
    expect(inspect([registry, registry.requests])).not.toContain(user.password)
    expect(JSON.stringify(registry.requests)).not.toContain(user.password)
  })

  it('says that its port is taken', async () => {
    const port = Number(registry.host.split(':')[1])
    await expect(startTestRegistry({ port })).rejects.toThrow('EADDRINUSE')
  })

  it('makes the same image of the same options, and another of others', () => {
    expect(makeTestImage().index.digest).toBe(image.index.digest)
    expect(makeTestImage({ message: 'other' }).index.digest).not.toBe(image.index.digest)
  })

  it('makes none whose message does not fit', () => {
    expect(() => makeTestImage({ message: 'ü'.repeat(30_001) })).toThrow(TypeError)
    expect(makeTestImage({ message: 'ü'.repeat(30_000) }).manifests).toHaveLength(2)
  })

  it('makes none for what it has no program for', () => {
    const architectures = ['amd64', 'riscv64'] as unknown as ['amd64']
    expect(() => makeTestImage({ architectures })).toThrow(/^architectures must be/)
  })
})
