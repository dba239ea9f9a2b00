import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Credentials, registryAuthHeader } from '../../src/credentials/index.js'

function decode(header: string): unknown {
  return JSON.parse(Buffer.from(header, 'base64url').toString())
}

describe('registryAuthHeader', () => {
  it('is padded base64url', () => {
    const header = registryAuthHeader({ username: 'u', password: '??>>~~' }, 'registry.example.com')
    expect(header.length % 4).toBe(0)
    expect(decode(header)).toMatchObject({ password: '??>>~~' })
    expect(header).toBe(registryAuthHeader({ password: '??>>~~', username: 'u' }, 'registry.example.com'))
  })

  it('is the same in standard base64, which Portainer decodes', () => {
    const text = fc
      .string({ unit: 'binary' })
      .filter((each) => !/[\u0000-\u001f\u007f]/.test(each) && each.isWellFormed())
    fc.assert(
      fc.property(text, (password) => {
        const header = registryAuthHeader({ username: 'u', password }, 'registry.example.com')
        expect(header).toMatch(/^[A-Za-z0-9]+={0,2}$/)
        expect(decode(header)).toMatchObject({ password })
      }),
    )
  })

  const kinds: [string, Credentials, object][] = [
    ['a password', { username: 'üser', password: 'p:🐳' }, { username: 'üser', password: 'p:🐳' }],
    ['an e-mail', { username: 'u', password: 'p', email: 'a@b.c' }, { username: 'u', password: 'p', email: 'a@b.c' }],
    ['an empty e-mail', { username: 'u', password: 'p', email: '' }, { username: 'u', password: 'p' }],
    ['an identity token', { identityToken: 'idt' }, { identitytoken: 'idt' }],
    [
      'an identity token with its user',
      { identityToken: 'idt', username: 'u' },
      { username: 'u', identitytoken: 'idt' },
    ],
    ['a registry token', { registryToken: 'rt' }, { registrytoken: 'rt' }],
    [
      'a password beside tokens that are undefined',
      { username: 'u', password: 'p', registryToken: undefined, identityToken: undefined },
      { username: 'u', password: 'p' },
    ],
  ]
  it.each(kinds)('carries %s', (_what, credentials, fields) => {
    expect(decode(registryAuthHeader(credentials, 'registry.example.com:5000'))).toEqual({
      ...fields,
      serveraddress: 'registry.example.com:5000',
    })
  })

  it('has the fields in a fixed order', () => {
    const header = registryAuthHeader({ email: 'e@x.y', password: 'p', username: 'u' }, 'r.example.com')
    expect(Buffer.from(header, 'base64url').toString()).toBe(
      '{"username":"u","password":"p","email":"e@x.y","serveraddress":"r.example.com"}',
    )
  })

  it.each(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'https://index.docker.io/v1/', 'docker.io/team'])(
    'calls Docker Hub by the name that Docker uses, given %s',
    (server) => {
      expect(decode(registryAuthHeader({ username: 'u', password: 'p' }, server))).toMatchObject({
        serveraddress: 'https://index.docker.io/v1/',
      })
    },
  )

  it.each([
    ['https://registry.example.com/v2/', 'registry.example.com'],
    ['registry.example.com:5000/team', 'registry.example.com:5000'],
    ['[::1]:5000', '[::1]:5000'],
  ])('names the host of %s', (server, serveraddress) => {
    expect(decode(registryAuthHeader({ username: 'u', password: 'p' }, server))).toMatchObject({ serveraddress })
  })

  const refused: [string, Credentials, RegExp][] = [
    ['a colon in the user', { username: 'a:b', password: 'p' }, /username has a colon/],
    ['an empty user', { username: '', password: 'p' }, /username is empty/],
    ['an empty identity token', { identityToken: '' }, /identityToken is empty/],
    [
      'a line break in an identity token',
      { identityToken: 'idt\n' },
      /identityToken has a control character at position 3/,
    ],
    ['a colon in the user of an identity token', { identityToken: 'idt', username: 'a:b' }, /username has a colon/],
    [
      'a line break in a registry token',
      { registryToken: 'rt\r\n' },
      /registryToken has a character that no header has at position 2/,
    ],
    ['an empty registry token', { registryToken: '' }, /: registryToken is empty/],
    ['a space in a registry token', { registryToken: 'r t' }, /registryToken has a character that no header has/],
    ['a DEL in a registry token', { registryToken: 'rt\u007f' }, /registryToken has a character that no header has/],
    [
      'what is not ASCII in a registry token',
      { registryToken: 'rté' },
      /registryToken has a character that no header has/,
    ],
    [
      'half a character in the e-mail',
      { username: 'u', password: 'p', email: '\ud83d' },
      /email has half of a surrogate pair/,
    ],
  ]
  it.each(refused)('refuses %s', (_what, credentials, message) => {
    expect(() => registryAuthHeader(credentials, 'registry.example.com')).toThrow(
      expect.objectContaining({ code: 'ERR_CREDENTIALS', message: expect.stringMatching(message) as string }),
    )
  })

  it.each(['', 'https://', '/v2/'])('refuses the server %j', (server) => {
    expect(() => registryAuthHeader({ username: 'u', password: 'p' }, server)).toThrow(
      expect.objectContaining({
        code: 'ERR_CREDENTIALS',
        message: `the server of an entry is ${JSON.stringify(server)}, which has no host`,
        hint: 'Give the registry as a host with an optional port, such as registry.example.com:5000.',
      }),
    )
  })

  it('takes what are no credentials for misuse', () => {
    expect(() => registryAuthHeader({} as never, 'registry.example.com')).toThrow(TypeError)
    expect(() => registryAuthHeader({ username: 'u', password: 'p' }, undefined as never)).toThrow(TypeError)
  })
})
