import { describe, expect, it, onTestFinished } from 'vitest'
import { createRegistryClient } from '../../src/registry/index.js'
import { digestOf } from '../../src/registry/manifest.js'
import { type Script, startWebServer, type WebServer } from '../support/faulty-registry/web-server.js'
import { clientWith, failureOf } from './support.js'

const credentials = { username: 'puller', password: 'correct horse' }
const digest = `sha256:${'a'.repeat(64)}`
const found = { status: 200, headers: { 'docker-content-digest': digest } }
const challenge = (header: string | string[]): { status: number; headers: Record<string, string | string[]> } => ({
  status: 401,
  headers: { 'www-authenticate': header },
})

async function server(script: Script): Promise<WebServer> {
  const started = await startWebServer(script)
  onTestFinished(() => started[Symbol.asyncDispose]())
  return started
}

/** A registry that sends its clients to `realm` for a token, and takes any. */
function sendingTo(realm: string): Promise<WebServer> {
  return server(({ authorization }) =>
    authorization === undefined ? challenge(`Bearer realm="${realm}",service="s"`) : found,
  )
}

describe('a token server that a registry has no business naming', () => {
  it.each([
    ['http://10.0.0.1/token', 'in a private network'],
    ['https://172.16.0.1/token', 'in a private network'],
    ['https://192.168.1.1/token', 'in a private network'],
    ['https://100.64.0.1/token', 'in a private network'],
    ['http://169.254.169.254/latest/meta-data', 'in a reserved range'],
    ['http://0.0.0.0:1/token', 'in a reserved range'],
    ['http://224.0.0.1/token', 'in a reserved range'],
    ['http://[fe80::1]/token', 'in a reserved range'],
    ['http://[fd00:ec2::254]/token', 'in a private network'],
    ['http://[::ffff:10.0.0.1]/token', 'in a private network'],
    ['http://[::ffff:a9fe:a9fe]/token', 'in a reserved range'],
    ['http://[64:ff9b::a00:1]/token', 'in a private network'],
    ['http://[2002:a00:1::]/token', 'in a private network'],
    ['http://0x0a000001/token', 'in a private network'],
    ['http://167772161/token', 'in a private network'],
    ['http://012.0.0.1/token', 'in a private network'],
    ['http://metadata.google.internal/token', "a cloud's metadata service"],
    ['http://metadata.google.internal./token', "a cloud's metadata service"],
    ['http://user:secret@127.0.0.1/token', 'has user info'],
    ['ftp://127.0.0.1/token', "has the scheme 'ftp'"],
    ['file:///etc/passwd', "has the scheme 'file'"],
    ['/token', 'is no URL'],
    ['http://', 'is no URL'],
  ])('%s: nothing is sent there', async (realm, reason) => {
    const registry = await sendingTo(realm)
    const sent: unknown[] = []
    await using client = clientWith({ credentials }, { onHop: ({ to }) => sent.push(to) })
    const failure = await failureOf(client.resolveDigest(`${registry.host}/acme/app`))
    expect(failure).toMatchObject({ code: 'ERR_REGISTRY_FAULT', message: expect.stringContaining(reason) as string })
    expect(failure.message).not.toContain('secret')
    expect(registry.requests).toHaveLength(1)
  })

  it('a name that leads into a private network is seen through when it is resolved', async () => {
    const registry = await sendingTo('http://token.test/token')
    const resolve = (): Promise<{ address: string; family: number }[]> =>
      Promise.resolve([
        { address: '93.184.216.34', family: 4 },
        { address: '10.1.2.3', family: 4 },
      ])
    await using client = clientWith({ credentials }, { resolve })
    const failure = await failureOf(client.resolveDigest(`${registry.host}/acme/app`))
    expect(failure).toMatchObject({
      code: 'ERR_REGISTRY_FAULT',
      message: expect.stringContaining('10.1.2.3') as string,
    })
  })

  it.each([
    ['localhost for 127.0.0.1', '127.0.0.1', 'localhost'],
    ['127.0.0.1 for localhost', 'localhost', '127.0.0.1'],
  ])('on loopback is fine for a registry on loopback: %s', async (_, registryHost, tokenHost) => {
    const token = await server(() => ({ status: 200, body: { token: 'opaque' } }))
    const registry = await sendingTo(`http://${tokenHost}:${token.port}/token?tenant=7`)
    await using client = createRegistryClient({ credentials })
    expect(await client.resolveDigest(`${registryHost}:${registry.port}/acme/app`)).toBe(digest)
    expect(Object.fromEntries(token.requests[0]!.query)).toEqual({
      tenant: '7',
      service: 's',
      scope: 'repository:acme/app:pull',
      account: 'puller',
    })
    expect(registry.requests.at(-1)!.authorization).toBe('Bearer opaque')
  })

  it('is looked at again after a redirect', async () => {
    const token = await server(() => ({ status: 307, headers: { location: 'http://10.0.0.1/token' } }))
    const registry = await sendingTo(`${token.origin}/token`)
    await using client = createRegistryClient({ credentials })
    const failure = await failureOf(client.resolveDigest(`${registry.host}/acme/app`))
    expect(failure).toMatchObject({
      code: 'ERR_REGISTRY_FAULT',
      message: expect.stringContaining('10.0.0.1') as string,
    })
    expect(token.requests).toHaveLength(1)
  })

  it('gets no credentials that were meant for the one that redirects to it', async () => {
    const other = await server(() => ({ status: 200, body: { token: 'opaque' } }))
    const token = await server(() => ({ status: 302, headers: { location: `${other.origin}/token` } }))
    const registry = await sendingTo(`${token.origin}/token`)
    await using client = createRegistryClient({ credentials })
    await client.resolveDigest(`${registry.host}/acme/app`)
    expect(token.requests[0]!.authorization).toMatch(/^Basic /)
    expect(other.requests[0]!.authorization).toBeUndefined()
  })

  it('gets no form with an identity token by a redirect', async () => {
    const other = await server(() => ({ status: 200, body: { token: 'opaque' } }))
    const token = await server(() => ({ status: 307, headers: { location: `${other.origin}/token` } }))
    const registry = await sendingTo(`${token.origin}/token`)
    await using client = createRegistryClient({ credentials: { identityToken: 'refresh' } })
    expect(await failureOf(client.resolveDigest(`${registry.host}/acme/app`))).toMatchObject({
      code: 'ERR_REGISTRY_FAULT',
    })
    expect(other.requests).toEqual([])
  })
})

describe('redirects', () => {
  it('carry Authorization within an origin', async () => {
    const registry = await server(({ path, authorization }) => {
      if (authorization === undefined) return challenge('Basic realm="r"')
      return path.startsWith('/elsewhere') ? found : { status: 307, headers: { location: '/elsewhere' } }
    })
    await using client = createRegistryClient({ credentials })
    expect(await client.resolveDigest(`${registry.host}/acme/app`)).toBe(digest)
    expect(registry.requests.at(-1)!.authorization).toMatch(/^Basic /)
  })

  it.each([301, 302, 303, 307, 308])('do not carry it to another origin, nor back from there: %d', async (status) => {
    const storage = await server(() => ({ status, headers: { location: `http://${registry.host}/back` } }))
    const registry: WebServer = await server(({ path, authorization }) => {
      if (path === '/back') return found
      if (authorization === undefined) return challenge('Basic realm="r"')
      return { status, headers: { location: `${storage.origin}/blob?signature=s` } }
    })
    await using client = createRegistryClient({ credentials })
    expect(await client.resolveDigest(`${registry.host}/acme/app`)).toBe(digest)
    expect(storage.requests[0]!.authorization).toBeUndefined()
    expect(registry.requests.at(-1)).toMatchObject({ path: '/back', authorization: undefined })
  })

  it('to a server that asks for credentials get it none', async () => {
    const storage = await server(() => challenge('Basic realm="give me"'))
    const registry = await server(({ authorization }) =>
      authorization === undefined
        ? challenge('Basic realm="r"')
        : { status: 307, headers: { location: storage.origin } },
    )
    await using client = createRegistryClient({ credentials })
    await failureOf(client.resolveDigest(`${registry.host}/acme/app`))
    expect(storage.requests.map(({ authorization }) => authorization)).toEqual([undefined])
  })

  it('to a server that names a token server get it none either', async () => {
    const evil = await server(() => ({ status: 200, body: { token: 'opaque' } }))
    const storage = await server(() => challenge(`Bearer realm="${evil.origin}/token"`))
    const registry = await server(({ authorization }) =>
      authorization === undefined
        ? challenge('Basic realm="r"')
        : { status: 307, headers: { location: storage.origin } },
    )
    await using client = createRegistryClient({ credentials })
    const failure = await failureOf(client.resolveDigest(`${registry.host}/acme/app`))
    expect(failure).toMatchObject({
      code: 'ERR_REGISTRY_FAULT',
      message: expect.stringContaining('redirects') as string,
    })
    expect(evil.requests).toEqual([])
  })

  it.each([
    ['without end', (path: string): string => `${path}x`],
    ['to themselves', (path: string): string => path],
    ['to what is no web server', (): string => 'ftp://127.0.0.1/'],
    ['to somewhere with user info', (): string => 'http://a:b@127.0.0.1/'],
  ])('%s are followed no further', async (_, next) => {
    const registry = await server(({ path }) =>
      path === '/v2/' ? { status: 200 } : { status: 307, headers: { location: next(path) } },
    )
    await using client = createRegistryClient()
    expect(await failureOf(client.resolveDigest(`${registry.host}/acme/app`))).toMatchObject({
      code: 'ERR_REGISTRY_FAULT',
    })
    expect(registry.requests.length).toBeLessThan(10)
  })
})

describe('challenges', () => {
  const accepting = (header: string | string[]): Promise<WebServer> =>
    server(({ path, authorization }) => {
      if (path === '/token') return { status: 200, body: { access_token: 'opaque', expires_in: 300 } }
      return authorization === undefined ? challenge(header) : found
    })

  it.each([
    ['several lines', ['Negotiate', 'Basic realm="r"']],
    ['several in a line', 'Negotiate, Basic realm="r"'],
  ])('are met by Basic among %s', async (_, header) => {
    const registry = await accepting(header)
    await using client = createRegistryClient({ credentials })
    await client.resolveDigest(`${registry.host}/acme/app`)
    expect(registry.requests.at(-1)!.authorization).toBe(`Basic ${btoa('puller:correct horse')}`)
  })

  it('are met by a token where there is a choice', async () => {
    const registry = await server(({ path, authorization }) => {
      if (path === '/token') return { status: 200, body: { access_token: 'opaque' } }
      const header = `Basic realm="r", Bearer realm="${registry.origin}/token",service="s"`
      return authorization === undefined ? challenge(header) : found
    })
    await using client = createRegistryClient({ credentials })
    await client.resolveDigest(`${registry.host}/acme/app`)
    expect(registry.requests.at(-1)!.authorization).toBe('Bearer opaque')
  })

  it('that come with the manifest alone are met, with the scopes merged, and remembered', async () => {
    const registry = await server(({ path, authorization, query }) => {
      if (path === '/token') return { status: 200, body: { token: query.getAll('scope').join('+'), expires_in: 300 } }
      if (path === '/v2/') return { status: 200 }
      const header = `Bearer realm="${registry.origin}/token",scope="repository:acme/app:pull,read repository:base:pull"`
      return authorization === undefined ? challenge(header) : found
    })
    await using client = createRegistryClient({ credentials })
    await client.resolveDigest(`${registry.host}/acme/app`)
    await client.resolveDigest(`${registry.host}/acme/app`)
    const token = 'Bearer repository:acme/app:pull,read+repository:base:pull'
    expect(registry.requests.map(({ path, authorization }) => [path, path === '/token' ? '' : authorization])).toEqual([
      ['/v2/', undefined],
      ['/v2/acme/app/manifests/latest', undefined],
      ['/token', ''],
      ['/v2/acme/app/manifests/latest', token],
      ['/v2/acme/app/manifests/latest', token],
    ])
  })

  it('a token is for those who asked for it: others get their own, or none', async () => {
    const registry = await server(({ path, authorization }) => {
      if (path === '/token')
        return authorization?.endsWith(btoa('a:1')) ? { status: 200, body: { token: 'a' } } : { status: 401 }
      return authorization === 'Bearer a' ? found : challenge(`Bearer realm="${registry.origin}/token"`)
    })
    const turns = [{ username: 'a', password: '1' }, { username: 'a', password: '2' }, undefined]
    await using client = createRegistryClient({ credentials: () => turns.shift() })
    const name = `${registry.host}/acme/app`
    expect(await client.resolveDigest(name)).toBe(digest)
    expect(await failureOf(client.resolveDigest(name))).toMatchObject({ code: 'ERR_UNAUTHORIZED' })
    expect(await failureOf(client.resolveDigest(name))).toMatchObject({ code: 'ERR_AUTHENTICATION_REQUIRED' })
  })

  it('a token that is revoked is replaced once', async () => {
    let good = 'Bearer first'
    const issued = ['first', 'second', 'third']
    const registry = await server(({ path, authorization }) => {
      if (path === '/token') return { status: 200, body: { token: issued.shift(), expires_in: 300 } }
      return authorization === good ? found : challenge(`Bearer realm="${registry.origin}/token"`)
    })
    await using client = createRegistryClient({ credentials })
    const name = `${registry.host}/acme/app`
    await client.resolveDigest(name)
    good = 'Bearer second'
    await client.resolveDigest(name)
    good = 'Bearer none'
    expect(await failureOf(client.resolveDigest(name))).toMatchObject({ code: 'ERR_ACCESS_DENIED' })
    expect(registry.requests.filter(({ path }) => path === '/token')).toHaveLength(3)
    expect(registry.requests.filter(({ path }) => path.includes('manifests'))).toHaveLength(1 + 2 + 2)
  })

  it.each(['Negotiate', 'Digest realm="r", nonce="n"', '', 'Bearer service="no realm"'])(
    'that cannot be met are an error: %s',
    async (header) => {
      const registry = await server(() => challenge(header))
      await using client = createRegistryClient({ credentials })
      const failure = await failureOf(client.resolveDigest(`${registry.host}/acme/app`))
      expect(failure).toMatchObject({ code: 'ERR_AUTHENTICATION_REQUIRED' })
      expect(registry.requests.every(({ authorization }) => authorization === undefined)).toBe(true)
    },
  )
})

describe('answers', () => {
  it.each([
    ['a greeting', /^\/v2\/$/],
    ['a manifest', /manifests/],
  ])('are read only so far: %s without end', async (_, endless) => {
    let written = 0
    const registry = await server(({ path, method }) => {
      if (method === 'HEAD' || !endless.test(path)) return method === 'HEAD' ? { status: 200 } : { status: 200 }
      return (response) => {
        const block = Buffer.alloc(64 * 1024, ' ')
        const write = (): void => {
          while (!response.destroyed && response.write(block)) written += block.length
        }
        response.on('drain', write)
        write()
      }
    })
    await using client = createRegistryClient()
    const failure = await failureOf(client.resolveDigest(`${registry.host}/acme/app`))
    expect(failure).toMatchObject({ code: 'ERR_REGISTRY_FAULT', message: expect.stringContaining('bytes') as string })
    expect(written).toBeLessThan(32 * 1024 * 1024)
  })

  it('with another digest than was asked for, or a body that is not of its digest, are corrupt', async () => {
    const registry = await server(({ path, method }) =>
      path === '/v2/' ? { status: 200 } : { ...found, body: method === 'GET' ? {} : '' },
    )
    await using client = createRegistryClient()
    const name = `${registry.host}/acme/app@sha256:${'b'.repeat(64)}`
    expect(await failureOf(client.resolveDigest(name))).toMatchObject({ code: 'ERR_CONTENT_CORRUPT' })
    expect(await failureOf(client.checkPull(`${registry.host}/acme/app`))).toMatchObject({
      code: 'ERR_CONTENT_CORRUPT',
    })
  })

  it('to HEAD with a body, which no server should send, spoil nothing', async () => {
    const body = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\ndocker-content-digest: sha256:evil\r\n\r\n'
    const registry = await server(({ path, method }) => {
      if (path === '/v2/') return { status: 200 }
      if (method !== 'HEAD') return { status: 200, body: 'abc' }
      const head = `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\ndocker-content-digest: ${digest}\r\n\r\n`
      return (response) => void response.socket?.write(head + body)
    })
    await using client = clientWith({})
    const name = `${registry.host}/acme/app`
    const digests = await Promise.all(Array.from({ length: 40 }, () => client.resolveDigest(name)))
    expect(new Set(digests)).toEqual(new Set([digest]))
    expect(await client.resolveDigest(name)).toBe(digest)
  })

  it.each(['', 'sha256:short', 'sha256:../../x'])(
    'with %j for a digest are counted on by their own',
    async (header) => {
      const registry = await server(({ path }) =>
        path === '/v2/' ? { status: 200 } : { status: 200, headers: { 'docker-content-digest': header }, body: 'abc' },
      )
      await using client = createRegistryClient()
      expect(await client.resolveDigest(`${registry.host}/acme/app`)).toBe(
        'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      )
    },
  )

  it('that name parts which are not there are a fault', async () => {
    const part = (letter: string): { digest: string; size: number } => ({
      digest: `sha256:${letter.repeat(64)}`,
      size: 1,
    })
    const image = { config: part('c'), layers: [] }
    const index = { manifests: [{ ...part('d'), platform: { os: 'linux', architecture: 'amd64' } }] }
    const registry = await server(({ path }) => {
      if (path === '/v2/' || path.endsWith('/image')) return { status: 200, body: image }
      const isByDigest = [image, index].find((body) =>
        path.endsWith(digestOf(new TextEncoder().encode(JSON.stringify(body)))),
      )
      if (isByDigest) return { status: 200, body: isByDigest }
      return path.endsWith('/index') ? { status: 200, body: index } : { status: 404 }
    })
    await using client = createRegistryClient()
    for (const tag of ['image', 'index']) {
      const failure = await failureOf(client.checkPull(`${registry.host}/acme/app:${tag}`))
      expect(failure).toMatchObject({
        code: 'ERR_REGISTRY_FAULT',
        message: expect.stringContaining('has lost') as string,
      })
    }
  })

  it('of what is no registry are not taken for an image that is not there', async () => {
    const website = await server(() => ({ status: 404, headers: { 'content-type': 'text/html' }, body: '<html>' }))
    const registry = await server(() => ({
      status: 404,
      headers: { 'docker-distribution-api-version': 'registry/2.0' },
    }))
    await using client = createRegistryClient()
    expect(await failureOf(client.checkPull(`${website.host}/app`))).toMatchObject({ code: 'ERR_REGISTRY_FAULT' })
    expect(await failureOf(client.checkPull(`${registry.host}/app`))).toMatchObject({ code: 'ERR_IMAGE_NOT_FOUND' })
  })

  it.each(['[]', 'null', '<html>', '"text"', '{"schemaVersion":1,"fsLayers":[]}'])(
    'that are no manifest of today are a fault: %s',
    async (body) => {
      const registry = await server(({ path }) => ({ status: 200, body: path === '/v2/' ? '' : body }))
      await using client = createRegistryClient()
      expect(await failureOf(client.checkPull(`${registry.host}/acme/app`))).toMatchObject({
        code: 'ERR_REGISTRY_FAULT',
      })
    },
  )

  it('that name a blob by no digest do not get it asked for', async () => {
    const manifest = JSON.stringify({ config: { digest: '../../../_catalog', size: 1 }, layers: [{ size: 'x' }, 7] })
    const registry = await server(({ path }) => ({ status: 200, body: path === '/v2/' ? '' : manifest }))
    await using client = createRegistryClient()
    expect(await client.checkPull(`${registry.host}/acme/app`)).toMatchObject({ size: 0 })
    expect(registry.requests.some(({ path }) => path.includes('catalog'))).toBe(false)
  })
})
