import { describe, expect, it } from 'vitest'
import { parseGoUrl, splitGoHost } from '../../src/credentials/go-url.js'

const host = 'r.example.com'

describe('parseGoUrl', () => {
  it.each([
    [`https://${host}:5000/v2/?x=1#y`, `${host}:5000`, '/v2/'],
    [`https://${host}`, host, ''],
    [`https://user:p%40ss@${host}/x`, host, '/x'],
    [`//${host}/x`, host, '/x'],
    [`//${host}///`, host, '///'],
    ['///x', '', '///x'],
    ['x:///y', '', '/y'],
    ['x:////y', '', '//y'],
    ['/x', '', '/x'],
    ['/x:', '', '/x:'],
    [`https:/${host}/x`, '', `/${host}/x`],
    [`https://${host}/a b`, host, '/a b'],
    [`https://${host}/a%2Fb%20c`, host, '/a/b c'],
    [`https://${host}/%ff`, host, '/\uFFFD'],
    [`https://${host}/?%zz#y`, host, '/'],
    [`https://${host}/?%#y`, host, '/'],
    [`https://${host}/#\u0001`, host, '/'],
    ['https://b%C3%BCcher.example', 'bücher.example', ''],
    ['https://a%25b', 'a%b', ''],
    ['https://[::1]/x', '[::1]', '/x'],
    ['https://[2001:DB8::1]:5000', '[2001:DB8::1]:5000', ''],
    ['https://[fe80::1%25eth0]:', '[fe80::1%eth0]:', ''],
    ['https://[::192.0.2.1]', '[::192.0.2.1]', ''],
  ])('reads %j as host %j and path %j', (text, expected, path) => {
    expect(parseGoUrl(text)).toEqual({ host: expected, path })
  })

  it.each(['', host, `${host}:5000/x`, 'user/app:1', 'mailto:a@b', 'r_x/y:80'])(
    'finds neither host nor path in %j, which is relative or opaque',
    (text) => {
      expect(parseGoUrl(text)).toEqual({ host: '', path: '' })
    },
  )

  it.each([
    [':x', 'nothing is in front of the colon of the scheme'],
    ['://x', 'nor here'],
    ['1r:5000', 'the first part of a path has no colon'],
    ['r_x:80/y', 'nor here'],
    [`https://${host}/a\u007fb`, 'a control character'],
    [`https://${host}/a\u001fb`, 'a control character'],
    [`https://${host}/a\nb`, 'a control character'],
    [`https://${host}/%zz`, 'a percent sign without two digits in the path'],
    [`https://${host}/%fg`, 'a percent sign without two digits in the path'],
    [`https://${host}/#%zz`, 'a percent sign without two digits in the fragment'],
    [`https://u%zz@${host}`, 'a percent sign without two digits in the user info'],
    [`https://u[@${host}`, 'a bracket in the user info'],
    ['https://a%41b', 'ASCII that is percent-encoded in a host'],
    ['https://a b', 'a space in a host'],
    [`https://${host}:port`, 'a port that is no number'],
    [`https://${host}:80:80`, 'two ports'],
    ['https://[::1', 'a bracket without its other'],
    ['https://::1]', 'a bracket without its other'],
    ['https://[::1]x', 'something behind the brackets'],
    ['https://[::1]:x', 'a port that is no number'],
    ['https://a[::1]', 'something in front of the brackets'],
    ['https://[[::1]', 'a bracket in brackets'],
    ['https://[fe80::1%25[]', 'a bracket in a zone'],
    ['https://[a]', 'no address in brackets'],
    ['https://[192.0.2.1]', 'no IPv6 address in brackets'],
    ['https://[::1]\\ab]', 'a backslash, which is no slash'],
    ['https://[fe80::1%25]', 'an empty zone'],
    ['https://[fe80::1%25%zz]', 'a zone that cannot be decoded'],
    ['https://[fe80::1%eth0]', 'a zone whose percent sign is not encoded'],
  ])('refuses %j: %s', (text) => {
    expect(parseGoUrl(text)).toBeUndefined()
  })
})

describe('splitGoHost', () => {
  it.each([
    ['', '', ''],
    ['r', 'r', ''],
    ['r:', 'r', ''],
    ['r:80', 'r', '80'],
    ['[::1]', '::1', ''],
    ['[::1]:80', '::1', '80'],
  ])('takes %j apart into %j and %j', (whole, hostname, port) => {
    expect(splitGoHost({ host: whole, path: '' })).toEqual({ hostname, port })
  })
})
