import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { HttpResponse } from '../../src/registry/http.js'
import { mergeScopes } from '../../src/registry/scopes.js'
import { SingleFlight } from '../../src/registry/single-flight.js'
import { type Token, TokenCache } from '../../src/registry/token-cache.js'
import { requestToken, type TokenOrder, type TokenRequest } from '../../src/registry/token-request.js'
import { makeTestClock } from '../../src/testing/index.js'
import { failureOf } from './support.js'

const never = new AbortController().signal

describe('mergeScopes', () => {
  it.each<[string[], string[]]>([
    [[], []],
    [['repository:a:pull', 'repository:a:pull'], ['repository:a:pull']],
    [['repository:a:push', 'repository:a:pull,delete'], ['repository:a:delete,pull,push']],
    [['repository:b:pull repository:a:pull'], ['repository:a:pull', 'repository:b:pull']],
    [['repository:host:5000/a:pull', 'repository:host:5000/a:push'], ['repository:host:5000/a:pull,push']],
    [
      ['aws', '', 'registry:catalog:*'],
      ['aws', 'registry:catalog:*'],
    ],
  ])('%j is %j', (scopes, merged) => {
    expect(mergeScopes(scopes)).toEqual(merged)
  })
})

describe('TokenCache', () => {
  const clock = makeTestClock()
  const token = (value: string, seconds: number): Token => {
    const now = clock.now()
    return { value, receivedAt: now, expiresAt: now + seconds * 1000 }
  }

  it.each([
    ['a tenth of its life before its end', 100, 1800, 90],
    ['30 s before its end when that is less', 3000, 18000, 2970],
    ["by the cache's own limit when that is less", 3000, 50, 45],
  ])('gives a token up %s', async (_, life, ttl, kept) => {
    const cache = new TokenCache(ttl, clock)
    await cache.fetch('k', never, () => Promise.resolve(token('t', life)))
    clock.advance(kept - 1)
    expect(cache.get('k')?.value).toBe('t')
    clock.advance(2)
    expect(cache.get('k')).toBeUndefined()
  })

  it('keeps nothing with a limit of 0, and nothing that has ended when it comes', async () => {
    const cache = new TokenCache(0, clock)
    await cache.fetch('k', never, () => Promise.resolve(token('t', 60)))
    expect(cache.get('k')).toBeUndefined()
    const other = new TokenCache(1800, clock)
    await other.fetch('k', never, () => Promise.resolve(token('t', -60)))
    expect(other.get('k')).toBeUndefined()
  })

  it('forgets a token that was refused, but not the one that has replaced it', async () => {
    const cache = new TokenCache(1800, clock)
    const first = await cache.fetch('k', never, () => Promise.resolve(token('first', 60)))
    cache.drop('k', first)
    expect(cache.get('k')).toBeUndefined()
    await cache.fetch('k', never, () => Promise.resolve(token('second', 60)))
    cache.drop('k', first)
    expect(cache.get('k')?.value).toBe('second')
  })

  it('holds a thousand tokens, and lets go of what was not used for longest', async () => {
    const cache = new TokenCache(1800, clock)
    for (let index = 0; index < 1000; index += 1) {
      await cache.fetch(`k${index}`, never, () => Promise.resolve(token('t', 60)))
    }
    cache.get('k0')
    await cache.fetch('one more', never, () => Promise.resolve(token('t', 60)))
    expect([cache.get('k0'), cache.get('one more'), cache.get('k2')].every(Boolean)).toBe(true)
    expect(cache.get('k1')).toBeUndefined()
    expect(inspect(cache)).toBe('TokenCache(1000 tokens)')
  })

  it('does not keep failures', async () => {
    const cache = new TokenCache(1800, clock)
    const failure = new Error('no')
    expect(await failureOf(cache.fetch('k', never, () => Promise.reject(failure)))).toBe(failure)
    expect((await cache.fetch('k', never, () => Promise.resolve(token('t', 60)))).value).toBe('t')
  })
})

describe('SingleFlight', () => {
  it('stops the work when the last of those who wait gives up, and not before', async () => {
    const flights = new SingleFlight<string>()
    const stops: AbortSignal[] = []
    const start = (stop: AbortSignal): Promise<string> => {
      stops.push(stop)
      return new Promise(() => undefined)
    }
    const [one, two] = [new AbortController(), new AbortController()]
    const waiting = [one, two].map(({ signal }) => failureOf(flights.join('k', signal, start)))
    one.abort(new Error('one'))
    expect(await waiting[0]).toMatchObject({ message: 'one' })
    expect(stops.map(({ aborted }) => aborted)).toEqual([false])
    two.abort(new Error('two'))
    expect(await waiting[1]).toMatchObject({ message: 'two' })
    expect(stops.map(({ aborted }) => aborted)).toEqual([true])
    // Whoever comes then starts anew.
    expect(await flights.join('k', never, () => Promise.resolve('done'))).toBe('done')
  })
})

describe('requestToken', () => {
  const order: TokenOrder = {
    registry: 'registry.example.com',
    realm: 'https://auth.example.com/token?tenant=7',
    service: 'the service',
    scopes: ['repository:a:pull', 'repository:b:pull'],
    credentials: undefined,
  }

  function answering(...answers: readonly [number, unknown?][]): {
    sent: TokenRequest[]
    send: (request: TokenRequest) => Promise<HttpResponse>
  } {
    const sent: TokenRequest[] = []
    const queue = [...answers]
    const send = (request: TokenRequest): Promise<HttpResponse> => {
      sent.push(request)
      const [status, body] = queue.shift() ?? [500]
      const bytes = new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body ?? {}))
      return Promise.resolve({ status, headers: {}, body: bytes, url: request.url })
    }
    return { sent, send }
  }

  const start = new Date('2030-01-01T00:00:00Z')
  const clock = makeTestClock({ start })
  const seconds = async (body: object): Promise<number> => {
    const token = await requestToken(order, answering([200, { token: 't', ...body }]).send, clock)
    return (token.expiresAt - clock.now()) / 1000
  }

  it('asks by GET, keeps the query of the realm, and gives each scope a parameter', async () => {
    const { sent, send } = answering([200, { token: 't' }])
    await requestToken({ ...order, credentials: { username: 'üser', password: 'p:w' } }, send, clock)
    expect(sent[0]).toMatchObject({
      method: 'GET',
      authorization: `Basic ${Buffer.from('üser:p:w').toString('base64')}`,
    })
    expect([...sent[0]!.url.searchParams]).toEqual([
      ['tenant', '7'],
      ['service', 'the service'],
      ['scope', 'repository:a:pull'],
      ['scope', 'repository:b:pull'],
      ['account', 'üser'],
    ])
  })

  it('asks by POST with one scope, a client and the grant', async () => {
    const { sent, send } = answering([200, { access_token: 't' }])
    await requestToken({ ...order, credentials: { identityToken: 'refresh me' } }, send, clock)
    expect(sent[0]).toMatchObject({ method: 'POST', url: new URL(order.realm) })
    expect(sent[0]!.authorization).toBeUndefined()
    expect(Object.fromEntries(new URLSearchParams(sent[0]!.body))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'refresh me',
      client_id: 'pullpass',
      service: 'the service',
      scope: 'repository:a:pull repository:b:pull',
    })
  })

  it('asks nobody when the realm is no URL', async () => {
    const { sent, send } = answering([200, { token: 't' }])
    const failure = await failureOf(requestToken({ ...order, realm: '/token' }, send, clock))
    expect(failure).toMatchObject({ code: 'ERR_REGISTRY_FAULT', message: expect.stringContaining('/token') as string })
    expect(sent).toEqual([])
  })

  it('takes access_token before token, as Docker does', async () => {
    const { send } = answering([200, { token: 'a', access_token: 'b' }])
    expect((await requestToken(order, send, clock)).value).toBe('b')
  })

  it('counts from issued_at, else from receipt; 60 s where nothing is said', async () => {
    expect(await seconds({})).toBe(60)
    expect(await seconds({ expires_in: 300 })).toBe(300)
    expect(await seconds({ expires_in: 300, issued_at: '2029-12-31T23:59:00Z' })).toBe(240)
    expect(await seconds({ issued_at: '2029-12-31T23:59:30Z' })).toBe(30)
    // Its clock is ahead of ours.
    expect(await seconds({ expires_in: 300, issued_at: '2030-01-01T00:10:00Z' })).toBe(300)
    expect(await seconds({ expires_in: 300, issued_at: 'yesterday' })).toBe(300)
    expect(await seconds({ expires_in: -1 })).toBe(60)
    expect(await seconds({ expires_in: 'long' })).toBe(60)
    expect(await seconds({ expires_in: '120' })).toBe(120)
  })

  it('repeats no secret of which a server reminds us', async () => {
    const secret = 'p&ss w√rd'
    const echoes = [secret, encodeURIComponent(secret), Buffer.from(`u:${secret}`).toString('base64')]
    for (const echo of echoes) {
      const { send } = answering([401, { errors: [{ code: 'UNAUTHORIZED', message: `bad: ${echo}` }] }])
      const credentials = { username: 'u', password: secret }
      const failure = await failureOf(requestToken({ ...order, credentials }, send, clock))
      expect(failure.message).toContain('bad: ***')
      expect(failure.message).not.toContain(echo)
    }
  })
})
