import { describe, expect, it } from 'vitest'
import { caMount, caSecret, splitPemCertificates } from '../../src/proxy/index.js'

const first = '-----BEGIN CERTIFICATE-----\nMIIBfirst\n-----END CERTIFICATE-----\n'
const second = '-----BEGIN CERTIFICATE-----\nMIIBsecond\n-----END CERTIFICATE-----\n'
const key = '-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----\n'

describe('splitPemCertificates', () => {
  it('finds each, and nothing else', () => {
    expect(splitPemCertificates(`# schön\n${first}${key}\n ${second}trailing`)).toEqual([first, second])
    expect(splitPemCertificates(first.replaceAll('\n', '\r\n').trimEnd())).toEqual([first])
    expect(splitPemCertificates(key)).toEqual([])
    expect(splitPemCertificates('')).toEqual([])
  })

  it.each([
    ['at the end', `${first}${second.slice(0, 40)}`],
    ['before the next', `${first}${second.slice(0, 40)}\n${first}`],
  ])('says which one does not end: %s', (_, text) => {
    expect(() => splitPemCertificates(text)).toThrow(
      expect.objectContaining({
        code: 'ERR_SETTINGS',
        message: 'certificate 2 of the PEM text does not end',
        hint: 'Copy the whole of it, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.',
      }),
    )
  })
})

describe('caMount', () => {
  it('is a read-only bind mount', () => {
    expect(caMount({ hostPath: '/etc/ssl/corporate.pem' })).toEqual({
      Type: 'bind',
      Source: '/etc/ssl/corporate.pem',
      Target: '/etc/proxy-ca/ca.pem',
      ReadOnly: true,
    })
    expect(caMount({ hostPath: 'C:\\ssl\\ca.pem', containerPath: '/ca.pem' })).toMatchObject({ Target: '/ca.pem' })
  })

  it('wants absolute paths', () => {
    for (const hostPath of ['ca.pem', 'certs/ca.pem', 'file:///ca.pem']) {
      expect(() => caMount({ hostPath })).toThrow(new TypeError('caMount: hostPath is not an absolute path'))
    }
    expect(() => caMount({ hostPath: '/ca.pem', containerPath: 'ca.pem' })).toThrow('containerPath')
  })
})

describe('caSecret', () => {
  it('is a Secret with its volume and mount, which belong together', () => {
    const { secret, volume, volumeMount, caPath } = caSecret({ pem: `# comment é\n${first}${second}` })
    expect(secret).toStrictEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'Opaque',
      metadata: { name: 'pullpass-proxy-ca' },
      data: { 'ca.pem': Buffer.from(first + second).toString('base64') },
    })
    expect(volume).toEqual({
      name: 'proxy-ca',
      secret: { secretName: 'pullpass-proxy-ca', items: [{ key: 'ca.pem', path: 'ca.pem' }] },
    })
    expect(volumeMount).toEqual({ name: 'proxy-ca', mountPath: '/etc/proxy-ca', readOnly: true })
    expect(caPath).toBe('/etc/proxy-ca/ca.pem')
  })

  it('takes names and the path', () => {
    const options = {
      pem: first,
      name: 'corporate',
      namespace: 'opencti',
      containerPath: '/certs/corporate/bundle.crt',
    }
    const { secret, volume, volumeMount, caPath } = caSecret(options)
    expect(secret.metadata).toEqual({ name: 'corporate', namespace: 'opencti' })
    expect(volume.secret).toEqual({ secretName: 'corporate', items: [{ key: 'ca.pem', path: 'bundle.crt' }] })
    expect(volumeMount.mountPath).toBe('/certs/corporate')
    expect(caPath).toBe('/certs/corporate/bundle.crt')
  })

  it('never holds a private key', () => {
    expect(atob(caSecret({ pem: first + key }).secret.data['ca.pem']!)).toBe(first)
  })

  it('refuses what it cannot be made of', () => {
    expect(() => caSecret({ pem: '/etc/ssl/ca.pem' })).toThrow(
      expect.objectContaining({
        code: 'ERR_SETTINGS',
        message: 'caSecret: pem: found no certificate, expected one at least',
        hint: 'Give the text of the file, not its path.',
      }),
    )
    for (const containerPath of ['ca.pem', '/ca.pem', '/certs/']) {
      expect(() => caSecret({ pem: first, containerPath })).toThrow(
        new TypeError('caSecret: containerPath is not an absolute path of a file in a folder'),
      )
    }
  })
})
