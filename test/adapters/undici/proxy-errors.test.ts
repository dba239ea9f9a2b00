import { describe, expect, it } from 'vitest'
import {
  proxyRefused,
  proxyTimedOut,
  proxyUnreachable,
  socksFailure,
} from '../../../src/adapters/undici/proxy-errors.js'
import { classifyPullFailure } from '../../../src/failures/index.js'

const proxy = { origin: 'http://proxy.example:3128' }
const known = { ...proxy, username: 'user' }
const target = 'registry.example:443'

function failing(code: string, message = code): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code })
}

describe('errors of proxies', () => {
  it.each([
    [
      407,
      proxy,
      'ERR_PROXY_AUTHENTICATION_REQUIRED',
      'asks for a user and a password (status 407), and its URL has none',
    ],
    [
      407,
      known,
      'ERR_PROXY_AUTHENTICATION_REQUIRED',
      "does not accept the user 'user' with the password in its URL (status 407)",
    ],
    [403, known, 'ERR_PROXY', 'refused registry.example:443 with status 403'],
    [504, known, 'ERR_PROXY', 'refused registry.example:443 with status 504'],
  ])('tell status %d', (status, name, code, message) => {
    const error = proxyRefused(name, target, status)
    expect(error).toMatchObject({ code, message: `The proxy http://proxy.example:3128 ${message}` })
  })

  it('say who has to look, the proxy’s operators or its network', () => {
    expect(proxyRefused(proxy, target, 403).hint).toContain('allowed by the operators of the proxy')
    expect(proxyRefused(proxy, target, 502).hint).toContain('did not reach registry.example:443')
  })

  it.each([
    ['ECONNREFUSED', 'ERR_PROXY_UNREACHABLE', 'cannot be reached'],
    ['ENOTFOUND', 'ERR_PROXY_UNREACHABLE', 'cannot be reached'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'ERR_CERTIFICATE_UNKNOWN_AUTHORITY', 'has a certificate of an unknown authority'],
    ['CERT_HAS_EXPIRED', 'ERR_CERTIFICATE_EXPIRED', 'has a certificate that is out of date'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_CERTIFICATE_HOST_MISMATCH', 'has a certificate for another host'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_TLS', 'does not speak TLS as expected'],
    ['EPROTO', 'ERR_TLS', 'does not speak TLS as expected'],
  ])('tell a connection that fails with %s', (nodeCode, code, what) => {
    const cause = failing(nodeCode, 'as Node says it')
    const error = proxyUnreachable(proxy, cause)
    expect(error).toMatchObject({
      code,
      message: `The proxy http://proxy.example:3128 ${what}: as Node says it`,
      cause,
    })
    expect(error.hint).toMatch(/\.$/)
  })

  it('tell all attempts, where a name has several addresses', () => {
    const cause = new AggregateError([
      failing('ECONNREFUSED', 'connect to ::1'),
      failing('ECONNREFUSED', 'connect to 127.0.0.1'),
    ])
    expect(proxyUnreachable(proxy, cause).message).toContain('cannot be reached: connect to ::1; connect to 127.0.0.1')
  })

  it('stay what they are', () => {
    const error = proxyTimedOut(proxy, target, 300)
    expect(proxyUnreachable(proxy, error)).toBe(error)
  })

  it.each([
    ['Socks5 Authentication failed', 'ERR_PROXY_AUTHENTICATION_REQUIRED'],
    [
      'Received invalid Socks5 initial handshake (no accepted authentication type)',
      'ERR_PROXY_AUTHENTICATION_REQUIRED',
    ],
    ['Socks5 proxy rejected connection - HostUnreachable', 'ERR_PROXY'],
    ['Proxy connection timed out', 'ERR_PROXY_UNREACHABLE'],
    ['Socket closed', 'ERR_PROXY_UNREACHABLE'],
  ])('tell %s, without what the socks package carries along', (message, code) => {
    const cause = Object.assign(new Error(message), { options: { proxy: { password: 'secret' } } })
    const error = socksFailure(proxy, target, cause)
    expect(error.code).toBe(code)
    expect(error.message).toContain(message)
    expect(error.cause).not.toBe(cause)
  })

  it.each([
    [proxyRefused(proxy, target, 407), false],
    [proxyRefused(proxy, target, 403), false],
    [proxyRefused(proxy, target, 503), true],
    [proxyUnreachable(proxy, failing('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1')), true],
    [proxyUnreachable(proxy, failing('ENOTFOUND', 'getaddrinfo ENOTFOUND proxy.example')), false],
    [proxyTimedOut(proxy, target, 300), true],
  ])('are understood by classifyPullFailure: %s', (error, retryable) => {
    expect(classifyPullFailure(error)).toMatchObject({ code: error.code, hint: error.hint, retryable })
  })
})
