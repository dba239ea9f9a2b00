import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PullpassError } from '../../src/errors.js'
import { isRegistryHost, isRepositoryPath } from '../../src/host.js'
import { parseRegistryServer } from '../../src/settings/server.js'
import { refusalOf } from '../support/errors.js'

describe('parseRegistryServer reads', () => {
  it.each([
    ['registry.example.com', 'registry.example.com', ''],
    ['registry.example.com:5000', 'registry.example.com:5000', ''],
    ['  https://registry.example.com/\n', 'registry.example.com', ''],
    ['HTTP://registry:5000', 'registry:5000', ''],
    ['https://registry.example.com/v2/', 'registry.example.com', ''],
    ['https://index.docker.io/v1/', 'index.docker.io', ''],
    ['registry.example.com/v2', 'registry.example.com', ''],
    ['registry.example.com//', 'registry.example.com', ''],
    ['registry.example.com/team', 'registry.example.com', 'team'],
    ['https://registry.example.com/team/sub-1/a__b//', 'registry.example.com', 'team/sub-1/a__b'],
    ['registry.example.com/v2/team', 'registry.example.com', 'v2/team'],
    ['[::1]', '[::1]', ''],
    ['[2001:db8::1]:5000/team', '[2001:db8::1]:5000', 'team'],
    ['127.0.0.1:65535', '127.0.0.1:65535', ''],
    ['localhost', 'localhost', ''],
    ['MyRegistry', 'MyRegistry', ''],
  ])('%j', (server, host, namespace) => {
    expect(parseRegistryServer(server)).toStrictEqual({ host, namespace })
  })
})

describe('parseRegistryServer refuses', () => {
  const HOST = 'registry must be a domain name or an IP address (IPv6 in brackets), with an optional port'
  const NAMESPACE = 'namespace must be lower-case letters and digits, joined by . _ __ / or dashes'
  const EXAMPLE = 'Write it as registry.example.com:5000/team.'

  it.each([
    ['', `${HOST}: ''`],
    ['https://', `${HOST}: ''`],
    ['/team', `${HOST}: ''`],
    ['my registry.com', `${HOST}: 'my registry.com'`],
    ['my_registry.com', `${HOST}: 'my_registry.com'`],
    ['registry..com', `${HOST}: 'registry..com'`],
    ['registry.com:', `${HOST}: 'registry.com:'`],
    ['registry.com:port', `${HOST}: 'registry.com:port'`],
    ['::1', `${HOST}: '::1'`],
    ['[fe80::1%eth0]', `${HOST}: '[fe80::1%eth0]'`],
    ['://registry.com', `${HOST}: ':'`],
    ['registry.com\u0000', `${HOST}: 'registry.com\\u0000'`],
    ['registry.com:0', `port must be 1 to 65535: '0'`],
    ['[::1]:65536', `port must be 1 to 65535: '65536'`],
    ['ftp://registry.com', `scheme must be http or https: 'ftp'`],
    ['oci://registry.com/team', `scheme must be http or https: 'oci'`],
    ['registry.com/Team', `${NAMESPACE}: 'Team'`],
    ['registry.com/team//sub', `${NAMESPACE}: 'team//sub'`],
    ['registry.com/team:1', `${NAMESPACE}: 'team:1'`],
    ['registry.com/_', `${NAMESPACE}: '_'`],
  ])('%j', (server, rule) => {
    const error = refusal(server)
    expect(error.code).toBe('ERR_SETTINGS')
    expect(error.message).toBe(`invalid registry server '${server.replace('\u0000', '\\u0000')}': ${rule}`)
    expect(error.hint).toBe(EXAMPLE)
  })

  it('a single word, which Docker would look for on Docker Hub', () => {
    const { message, hint } = refusal('https://myregistry/')
    expect(message).toBe(
      `invalid registry server 'https://myregistry/': registry must not be a single word, a namespace on Docker Hub: 'myregistry'`,
    )
    expect(hint).toBe('Write the full name of the host, or its port: myregistry:5000.')
    expect(parseRegistryServer('myregistry:5000').host).toBe('myregistry:5000')
  })

  it.each([
    'https://user:hunter2@registry.com/team',
    'user:hunter2@registry.com',
    'hunter2@registry.com',
    'user:hunter2?@registry.com',
    'user:ha://hunter2@registry.com',
    'registry.com?token=hunter2',
    'https://registry.com/team#hunter2',
    'https://user:x@registry.com?token=hunter2',
  ])('%j without repeating the secret', (server) => {
    const error = refusal(server)
    expect(error.code).toBe('ERR_SETTINGS')
    expect(error.message).toMatch(
      /'(\*\*\*@|https:\/\/)?registry\.com(\/team)?': it must not have (user info|a query): /,
    )
    expect(inspect(error)).not.toMatch(/hunter2|ha:/)
  })

  it('what is not a string, by its type', () => {
    expect(refusal(undefined as unknown as string).message).toBe('registry server is undefined, expected a string')
    expect(refusal(5000 as unknown as string).message).toBe('registry server is a number, expected a string')
  })

  it('a million characters, in a short message', () => {
    for (const text of [
      'a'.repeat(1e6),
      'a/'.repeat(5e5),
      `a.b${'/'.repeat(1e6)}A`,
      ':'.repeat(1e6),
      '@?'.repeat(5e5),
      `a.b:${'9'.repeat(1e6)}`,
    ]) {
      expect(refusal(text).message.length).toBeLessThan(500)
    }
  })
})

it('gives a host and a namespace that an image name can have, or an error of its own', () => {
  const parts = [
    'https://',
    'http:',
    '/',
    '//',
    'a.b',
    'localhost',
    ':',
    '5000',
    '[::1]',
    '@',
    '?',
    'Team',
    'v2',
    ' ',
    '-',
    '_',
    '.',
  ]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 7 }), (chosen) => {
      const text = chosen.join('')
      try {
        const { host, namespace } = parseRegistryServer(text)
        expect(isRegistryHost(host)).toBe(true)
        expect(namespace === '' || isRepositoryPath(namespace)).toBe(true)
        expect(text).toContain(host)
        expect(text).toContain(namespace)
      } catch (error) {
        if (!(error instanceof PullpassError)) throw error
      }
    }),
    { numRuns: 2000 },
  )
})

function refusal(server: string): PullpassError {
  return refusalOf(() => parseRegistryServer(server))
}
