import { describe, expect, it } from 'vitest'
import { contactFrom, greet } from '../../src/registry/contact.js'
import { endpointOf } from '../../src/registry/endpoint.js'
import type { HttpResponse } from '../../src/registry/http.js'
import { failureOf } from './support.js'

type Answer = number | string | Error

/** Answers by origin: a status, or the code of a failure. */
function network(answers: Record<string, Answer>): { asked: string[]; get: (url: URL) => Promise<HttpResponse> } {
  const asked: string[] = []
  const get = (url: URL): Promise<HttpResponse> => {
    asked.push(url.protocol)
    const answer = answers[url.protocol] ?? 'ENOTFOUND'
    if (answer instanceof Error) return Promise.reject(answer)
    if (typeof answer === 'string') return Promise.reject(Object.assign(new Error(answer), { code: answer }))
    return Promise.resolve({ status: answer, headers: {}, body: new Uint8Array(), url })
  }
  return { asked, get }
}

const loopback = endpointOf('localhost:5000', false)

describe('greet', () => {
  it.each<[string, Record<string, Answer>, string, string[]]>([
    ['https that answers', { 'https:': 200 }, 'https:', ['https:']],
    ['https that answers with a fault', { 'https:': 400 }, 'https:', ['https:']],
    [
      'http, where there is no TLS',
      { 'https:': 'ERR_SSL_WRONG_VERSION_NUMBER', 'http:': 401 },
      'http:',
      ['https:', 'http:'],
    ],
    ['http, where nothing listens for TLS', { 'https:': 'ECONNREFUSED', 'http:': 200 }, 'http:', ['https:', 'http:']],
  ])('finds %s', async (_, answers, protocol, asked) => {
    const net = network(answers)
    expect((await greet(loopback, net.get)).origin.protocol).toBe(protocol)
    expect(net.asked).toEqual(asked)
  })

  it.each<[string, Record<string, Answer>, string, string[]]>([
    ['a bad certificate', { 'https:': 'CERT_HAS_EXPIRED', 'http:': 200 }, 'CERT_HAS_EXPIRED', ['https:']],
    ['TLS that fails where TLS is spoken', { 'https:': 'EPROTO', 'http:': 400 }, 'EPROTO', ['https:', 'http:']],
    ['the same twice', { 'https:': 'ECONNREFUSED', 'http:': 'ECONNREFUSED' }, 'ECONNREFUSED', ['https:', 'http:']],
    ['what plain HTTP fails with', { 'https:': 'EPROTO', 'http:': 'ECONNRESET' }, 'ECONNRESET', ['https:', 'http:']],
  ])('fails at %s', async (_, answers, code, asked) => {
    const net = network(answers)
    expect(await failureOf(greet(loopback, net.get))).toMatchObject({ code })
    expect(net.asked).toEqual(asked)
  })

  it('asks a registry elsewhere by https alone', async () => {
    const net = network({ 'https:': 'ECONNREFUSED', 'http:': 200 })
    expect(await failureOf(greet(endpointOf('registry.example.com', false), net.get))).toMatchObject({
      code: 'ECONNREFUSED',
    })
    expect(net.asked).toEqual(['https:'])
  })
})

describe('contactFrom', () => {
  it.each([200, 400, 403, 404])('a registry that answers %d asks for nothing', (status) => {
    const headers = { 'www-authenticate': 'Basic realm="r"' }
    const origin = new URL('https://registry.example.com')
    const greeting = { origin, status, headers, body: new Uint8Array(), url: origin }
    expect(contactFrom(greeting).challenges).toEqual([])
    expect(contactFrom({ ...greeting, status: 401 }).challenges).toHaveLength(1)
  })
})
