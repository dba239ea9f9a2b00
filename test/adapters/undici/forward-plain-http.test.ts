import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type Dispatcher, fetch, Headers, request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDispatcher } from '../../../src/adapters/undici/index.js'
import { listen, type Listening } from '../../support/listen.js'
import { hosts } from '../../support/proxies/names.js'
import { proxyUser, userInfo } from '../../support/proxies/proxy.js'
import { type ScriptedProxy, startScriptedProxy } from '../../support/proxies/scripted-proxy.js'

describe('http: URLs through an HTTP proxy', () => {
  let proxy: ScriptedProxy
  let dispatcher: Dispatcher
  let listening: Listening
  let origin: string
  let connections = 0
  // Answers with the headers that it got and the length of the body.
  const server = createServer((incoming, response) => {
    void text(incoming).then((body) => response.end(JSON.stringify({ ...incoming.headers, length: body.length })))
  }).on('connection', () => connections++)

  beforeAll(async () => {
    listening = await listen(server)
    origin = `http://${hosts.registry}:${listening.port}`
    proxy = await startScriptedProxy('tunnel')
    const httpProxy = `http://${userInfo}${proxy.host}`
    dispatcher = createDispatcher({ httpProxy, ca: [], rejectUnauthorized: true })
  })
  afterAll(async () => {
    await dispatcher.destroy()
    await proxy.stop()
    await listening.stop()
  })

  const authorization = `Basic ${Buffer.from(`${proxyUser.username}:${proxyUser.password}`).toString('base64')}`
  const got = async (options: Pick<Dispatcher.RequestOptions, 'headers' | 'query' | 'body'>): Promise<unknown> => {
    const method = options.body === undefined ? 'GET' : 'PUT'
    return (await request(`${origin}/v2/`, { dispatcher, method, ...options })).body.json()
  }

  it.each<[string, NonNullable<Dispatcher.RequestOptions['headers']>]>([
    ['an object', { 'x-one': '1', 'x-many': ['2', '3'], 'x-none': undefined }],
    ['names and values in turn', ['x-one', '1', 'x-many', '2', 'x-many', '3']],
    [
      'pairs',
      new Map<string, string | string[]>([
        ['x-one', '1'],
        ['x-many', ['2', '3']],
      ]),
    ],
    [
      'Headers',
      new Headers([
        ['x-one', '1'],
        ['x-many', '2'],
        ['x-many', '3'],
      ]),
    ],
  ])('keep their headers, given as %s, and get the proxy’s user', async (_, headers) => {
    const host = new URL(origin).host
    expect(await got({ headers })).toMatchObject({
      'x-one': '1',
      'x-many': '2, 3',
      host,
      'proxy-authorization': authorization,
    })
  })

  it('need no headers', async () => {
    expect(await got({ headers: null })).toMatchObject({ 'proxy-authorization': authorization })
    expect(await got({})).toMatchObject({ 'proxy-authorization': authorization })
  })

  it('keep path, query and body', async () => {
    expect(await got({ query: { a: 'b c' }, body: Readable.from(['four']) })).toMatchObject({ length: 4 })
    expect(proxy.requests.at(-1)).toBe(`PUT ${origin}/v2/?a=b%20c`)
  })

  it('can be fetched', async () => {
    const response = await fetch(`${origin}/v2/?n=1`, { dispatcher, method: 'POST', body: 'four' })
    expect(await response.json()).toMatchObject({ length: 4 })
    expect(proxy.requests.at(-1)).toBe(`POST ${origin}/v2/?n=1`)
  })

  it('share connections to the proxy', async () => {
    const before = proxy.connections()
    for (let round = 0; round < 5; round++) await got({})
    // undici may open a second one while it tidies up the first.
    expect(proxy.connections() - before).toBeLessThanOrEqual(2)
    expect(connections).toBeGreaterThan(0)
  })

  it('fail at a 407, and the connection goes on to serve', async () => {
    const refusing = await startScriptedProxy(407)
    const other = createDispatcher({ httpProxy: `http://${refusing.host}`, ca: [], rejectUnauthorized: true })
    for (const attempt of [request, fetch]) {
      const error: unknown = await attempt(`${origin}/v2/`, { dispatcher: other }).catch((e: unknown) => e)
      const own = attempt === fetch ? (error as Error).cause : error
      expect(own).toMatchObject({ code: 'ERR_PROXY_AUTHENTICATION_REQUIRED' })
    }
    expect(refusing.requests).toHaveLength(2)
    await other.close()
    await refusing.stop()
  })
})
