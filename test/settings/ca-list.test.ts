import { describe, expect, it } from 'vitest'
import { parseCaList } from '../../src/settings/ca-list.js'

const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'
const key = '-----BEGIN EC PRIVATE KEY-----\nCANARY\n-----END EC PRIVATE KEY-----'

describe('parseCaList', () => {
  it.each([
    ['a path', '/etc/ssl/proxy-ca.pem', [{ path: '/etc/ssl/proxy-ca.pem' }]],
    ['a relative path', ' certs/ca.pem\n', [{ path: 'certs/ca.pem' }]],
    ['a PEM text', `\n${pem}\n`, [{ pem }]],
    ['a PEM text with several certificates', `${pem}\n${pem}`, [{ pem: `${pem}\n${pem}` }]],
    ['a PEM text behind a comment', `# corporate\n${pem}`, [{ pem: `# corporate\n${pem}` }]],
    ['a PEM text with \\n for line breaks', pem.replaceAll('\n', '\\r\\n'), [{ pem }]],
    ['a list', ['/a.pem', pem], [{ path: '/a.pem' }, { pem }]],
    ['a JSON array in a string', '["/etc/ssl/proxy-ca.pem"]', [{ path: '/etc/ssl/proxy-ca.pem' }]],
    ['a JSON array of a path and a PEM text', JSON.stringify(['/a.pem', pem]), [{ path: '/a.pem' }, { pem }]],
    ['an indexed map', { '10': '/c', '0': '/a', '2': '/b' }, [{ path: '/a' }, { path: '/b' }, { path: '/c' }]],
    ['gaps', ['', '/a', null, undefined, '  '], [{ path: '/a' }]],
    ['nothing', undefined, []],
    ['null', null, []],
    ['an empty text', ' ', []],
    ['an empty list', [], []],
    ['an empty JSON array', ' []', []],
    ['an empty map', {}, []],
  ])('reads %s', (_, value, sources) => {
    expect(parseCaList(value)).toEqual(sources)
  })

  it.each([
    [42, 'ca: found a number, expected the path of a file or a PEM certificate, or a list of these'],
    [true, 'ca: found a boolean'],
    [['/a', 42], 'ca[1]: found a number, expected the path of a file or a PEM certificate'],
    [['/a', ['/b']], 'ca[1]: found a list'],
    [{ '0': '/a', '1': { path: '/b' } }, 'ca[1]: found an object'],
    ['["/a", 1]', 'ca[1]: found a number'],
    ['["/a"', "ca: found text that begins with '[' and is not a JSON array"],
    [{ path: '/a' }, "ca: found the key 'path', expected indexes"],
    [['/a', key], 'ca[1]: found a private key, expected certificates alone'],
    [`${pem}\n${key}`, 'ca: found a private key'],
  ])('refuses %j', (value, message) => {
    expect(() => parseCaList(value)).toThrow(
      expect.objectContaining({ code: 'ERR_SETTINGS', message: expect.stringContaining(message) as string }),
    )
    expect(() => parseCaList(value)).not.toThrow('CANARY')
  })

  it('leaves the list as it was', () => {
    expect(parseCaList(Object.freeze(['/a']))).toEqual([{ path: '/a' }])
  })
})
