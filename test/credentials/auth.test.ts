import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeAuth, encodeAuth } from '../../src/credentials/index.js'
import { errorOf } from './errors.js'

describe('encodeAuth and decodeAuth', () => {
  const pairs: [string, string, string][] = [
    ['user', 'password', 'dXNlcjpwYXNzd29yZA=='],
    [
      '_json_key',
      '{"type":"service_account",\n"x":"y"}',
      'X2pzb25fa2V5OnsidHlwZSI6InNlcnZpY2VfYWNjb3VudCIsCiJ4IjoieSJ9',
    ],
    ['robot$ci', 'p:w:x', 'cm9ib3QkY2k6cDp3Ong='],
    ['üser', 'pä🐳ß', 'w7xzZXI6cMOk8J+Qs8Of'],
    ['user@example.com', '', 'dXNlckBleGFtcGxlLmNvbTo='],
    ['u', '\ufeffbom', 'dTrvu79ib20='],
    ['\ufeffu', 'p', '77u/dTpw'],
    ['u', ' tab\tand\r\nline ', 'dTogdGFiCWFuZA0KbGluZSA='],
  ]
  it.each(pairs)('%j with %j is %s, and back', (username, password, auth) => {
    expect(encodeAuth({ username, password })).toBe(auth)
    expect(decodeAuth(auth)).toEqual({ username, password })
  })

  it('are each other’s reverse for whatever can be encoded', () => {
    const text = fc.string({ unit: 'grapheme' })
    fc.assert(
      fc.property(text, text, (username, password) => {
        let auth: string
        try {
          auth = encodeAuth({ username, password })
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_CREDENTIALS' })
          return
        }
        expect(auth).toBe(Buffer.from(`${username}:${password}`).toString('base64'))
        expect(decodeAuth(auth)).toEqual({ username, password })
      }),
    )
  })
})

describe('encodeAuth', () => {
  it('takes a long password', () => {
    const password = 'pä'.repeat(20_000)
    expect(encodeAuth({ username: 'u', password })).toBe(Buffer.from(`u:${password}`).toString('base64'))
  })

  it.each([
    ['', 'p', 'username is empty'],
    ['a:b', 'p', 'username has a colon, where the password would begin at position 1'],
    ['us\ner', 'p', 'username has a control character at position 2'],
    ['us\u007fer', 'p', 'username has a control character at position 2'],
    ['user', 'p\0', 'password has a control character at position 1'],
    ['user', '\u001b[1m', 'password has a control character at position 0'],
    ['user', 'p\ud83d', 'password has half of a surrogate pair, which UTF-8 cannot carry'],
    ['\udc33', 'p', 'username has half of a surrogate pair, which UTF-8 cannot carry'],
  ])('refuses %j with %j: %s', (username, password, message) => {
    const error = errorOf(() => encodeAuth({ username, password }))
    expect(error).toMatchObject({
      code: 'ERR_CREDENTIALS',
      message: `credentials cannot be sent: ${message}`,
      hint: 'Check for what came along when the value was copied, such as a line break, a quote or a prefix.',
    })
  })

  it('takes what is no text for misuse', () => {
    expect(() => encodeAuth({ username: 'u' } as never)).toThrow(
      new TypeError('credentials.password must be a string, not undefined'),
    )
  })
})

describe('decodeAuth', () => {
  it('takes base64 without padding, as kubelet does', () => {
    expect(decodeAuth('dTpwYQ')).toEqual({ username: 'u', password: 'pa' })
  })

  it('skips line breaks, as Go does', () => {
    expect(decodeAuth('dXNl\r\ncjpw\n')).toEqual({ username: 'user', password: 'p' })
  })

  it('drops NULs around the password, as docker CLI does', () => {
    expect(decodeAuth(btoa('u:\0p\0w\0\0'))).toEqual({ username: 'u', password: 'p\0w' })
    expect(decodeAuth(btoa('u:\0\0'))).toEqual({ username: 'u', password: '' })
  })

  it('masks the password when printed and keeps it in JSON', () => {
    const decoded = decodeAuth('dXNlcjpwYXNzd29yZA==')
    expect(decoded).toHaveProperty('password', 'password')
    expect(JSON.stringify(decoded)).toBe('{"username":"user","password":"password"}')
  })

  it.each([
    ['!!!', 'auth is not base64: position 0 has a character outside of the alphabet'],
    ['dXNl cjpw', 'auth is not base64: position 4 has white space'],
    ['dXNl\tcjpw', 'auth is not base64: position 4 has white space'],
    ['dTp{', 'auth is not base64: position 3 has a character outside of the alphabet'],
    [
      'dTpw-w==',
      'auth is not base64: position 4 has a character of the URL alphabet (- or _), where + or / is expected',
    ],
    [
      'dTpw_w==',
      'auth is not base64: position 4 has a character of the URL alphabet (- or _), where + or / is expected',
    ],
    ['dTpw=dTpw', 'auth is not base64: position 5 follows the padding'],
    ['dTpwY', 'auth is not base64: its end is missing behind position 4'],
    ['dTpwYQ=', "auth is not base64: 1 '=' at its end do not fit"],
    ['dTpw====', "auth is not base64: 4 '=' at its end do not fit"],
    ['YQ', 'auth has no colon between user name and password'],
    ['', 'auth has no colon between user name and password'],
    ['Om5vdXNlcg==', 'auth has no user name before its colon'],
    ['dTr/', 'auth is base64 of something that is not UTF-8 text'],
  ])('refuses %j: %s', (auth, message) => {
    expect(errorOf(() => decodeAuth(auth))).toMatchObject({ code: 'ERR_CREDENTIALS', message })
  })

  it('says what to do', () => {
    expect(errorOf(() => decodeAuth('YQ'))).toHaveProperty(
      'hint',
      'Expected is base64 of username:password. docker login writes it; so does encodeAuth.',
    )
    expect(errorOf(() => decodeAuth('dTr/'))).toHaveProperty(
      'hint',
      'Encode the user and the password in UTF-8, as docker login does.',
    )
  })

  it('takes what is no text for misuse', () => {
    expect(() => decodeAuth(undefined as never)).toThrow(new TypeError('auth must be a string, not undefined'))
  })
})
