import { describe, expect, it } from 'vitest'
import type { PullpassError } from '../../src/errors.js'
import { maskProxyUrl, parseProxyUrl } from '../../src/settings/proxy-url.js'
import { refusalOf } from '../support/errors.js'

function errorFor(text: string): PullpassError {
  return refusalOf(() => parseProxyUrl(text, 'https_proxy'))
}

describe('parseProxyUrl', () => {
  it('takes a URL apart', () => {
    expect(parseProxyUrl('https://alice:p%40ss@proxy.example.com:8443', 'https_proxy')).toEqual({
      uri: 'https://alice:p%40ss@proxy.example.com:8443',
      origin: 'https://proxy.example.com:8443',
      protocol: 'https:',
      host: 'proxy.example.com',
      port: 8443,
      username: 'alice',
      password: 'p@ss',
    })
  })

  it.each([
    ['proxy', 'http://proxy'],
    ['proxy:3128', 'http://proxy:3128'],
    ['user:pass@proxy:3128', 'http://user:pass@proxy:3128'],
    ['127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['HTTP://Proxy.Example.com:80', 'http://Proxy.Example.com:80'],
    ['http://proxy:3128/', 'http://proxy:3128/'],
    ['  http://proxy:3128\n', 'http://proxy:3128'],
    ['http://[2001:db8::1]:3128', 'http://[2001:db8::1]:3128'],
    ['http://@proxy', 'http://proxy'],
    ['http://user:@proxy', 'http://user:@proxy'],
    ["http://u!ser:a$&+,;=-_.~(*)'b@proxy", 'http://u%21ser:a$&+,;=-_.~%28%2A%29%27b@proxy'],
    ['http://user:p@ss@proxy', 'http://user:p%40ss@proxy'],
    ['http://us%65r:%2f%3A@proxy', 'http://user:%2F%3A@proxy'],
    ['http://user:pä ss@proxy', 'http://user:p%C3%A4%20ss@proxy'],
  ])('%j is %s', (text, uri) => {
    expect(parseProxyUrl(text, 'https_proxy').uri).toBe(uri)
  })

  it.each([
    ['http://proxy', 'http:', 80],
    ['https://proxy', 'https:', 443],
    ['socks5://proxy', 'socks5:', 1080],
    ['socks5h://proxy', 'socks5:', 1080],
    ['socks://proxy', 'socks5:', 1080],
    ['socks5h://proxy:9050', 'socks5:', 9050],
  ])('%s speaks %s on port %i', (text, protocol, port) => {
    expect(parseProxyUrl(text, 'https_proxy')).toMatchObject({ uri: text, protocol, port, host: 'proxy' })
  })

  it('has the address of an IPv6 proxy without brackets', () => {
    expect(parseProxyUrl('http://[2001:db8::1]', 'https_proxy')).toMatchObject({ host: '2001:db8::1', port: 80 })
  })

  it('has a user without a password', () => {
    const { username, password } = parseProxyUrl('http://token@proxy', 'https_proxy')
    expect({ username, password }).toEqual({ username: 'token', password: undefined })
  })

  it.each([
    ['ftp://proxy', "the scheme 'ftp', expected one of http, https, socks5, socks5h, socks"],
    ['http://', 'a host or port that cannot be'],
    ['http://proxy:port', 'a host or port that cannot be'],
    ['http://proxy:70000', 'a host or port that cannot be'],
    ['http://pro xy', 'a host or port that cannot be'],
    ['http://proxy\\path', 'a host or port that cannot be'],
    ['http://[::1', 'a host or port that cannot be'],
    ['http://user:100%@proxy', 'user info that is not percent-encoded UTF-8'],
    ['http://user:%ff@proxy', 'user info that is not percent-encoded UTF-8'],
    ['http://proxy?a=b', "'@', '?' or '#' behind the host"],
  ])('refuses %s', (text, found) => {
    const error = errorFor(text)
    expect(error.code).toBe('ERR_SETTINGS')
    expect(error.message).toContain(`https_proxy: found ${found}`)
  })

  it.each([
    'http://user:CANARY/ss@proxy:80',
    'http://user:12/CANARY@proxy:80',
    'http://user:12#CANARY@proxy:80',
    'http://user:12?CANARY@proxy:80',
    'http://user:CANARY%@proxy',
    'http://user:CANARY@pro xy',
    'http://user:CANARY@proxy:port',
    'http://user:CANARY@',
    'ftp://user:CANARY@proxy',
    'user:CANARY://x@proxy',
    'CANARY: //@',
  ])('keeps the password out of its error for %s, and says how to write one', (text) => {
    const error = errorFor(text)
    expect(`${error.message} ${error.hint} ${error.stack} ${String(error.cause)}`).not.toContain('CANARY')
    if (!text.startsWith('ftp:')) expect(error.hint).toContain('Percent-encode')
  })
})

describe('maskProxyUrl', () => {
  it.each([
    ['http://user:secret@proxy:3128', 'http://user:***@proxy:3128'],
    ['user:secret@proxy:3128', 'user:***@proxy:3128'],
    ['http://user:se:cr@et@proxy:3128', 'http://user:***@proxy:3128'],
    ['http://user:se://cret@proxy', 'http://user:***@proxy'],
    ['http://user@proxy:3128', 'http://user@proxy:3128'],
    ['http://proxy:3128', 'http://proxy:3128'],
    ['', ''],
  ])('%s is printed as %s', (url, shown) => {
    expect(maskProxyUrl(url)).toBe(shown)
  })
})
