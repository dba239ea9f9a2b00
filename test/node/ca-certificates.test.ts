import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Logger } from '../../src/logger.js'
import { readCaCertificates, readCaCertificatesSync } from '../../src/node/ca-certificates.js'
import { makeNamedCertificates, type NamedCertificates } from '../support/proxies/names.js'
import { describeReal } from '../support/real.js'

const [first = '', second = ''] = rootCertificates
const folder = mkdtempSync(join(tmpdir(), 'pullpass-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** One line of text for each certificate, whatever the line breaks around it. */
const trimmed = (certificates: readonly string[]): string[] => certificates.map((one) => one.trim())

describe('readCaCertificates', () => {
  it('reads files and inline PEM, in their order', async () => {
    const sources = [{ path: file('second.pem', second) }, { pem: first }]
    expect(trimmed(await readCaCertificates(sources))).toEqual([second, first])
    expect(trimmed(readCaCertificatesSync(sources))).toEqual([second, first])
  })

  it('takes bundles apart, whatever stands between the certificates', async () => {
    const bundle = `# Issuer: one\r\n${first.replaceAll('\n', '\r\n')}\r\n\r\n# Issuer: two\r\n${second}`
    expect(trimmed(await readCaCertificates([{ pem: bundle }]))).toEqual([first, second])
  })

  it('reads all the roots that Node has', async () => {
    const path = file('roots.pem', rootCertificates.join('\n'))
    expect(await readCaCertificates([{ path }])).toHaveLength(rootCertificates.length)
  })

  it('returns nothing for nothing', async () => {
    expect(await readCaCertificates([])).toEqual([])
    expect(readCaCertificatesSync([])).toEqual([])
  })

  const broken = first.replace(/[A-Za-z0-9+/]{60}/, '')
  it.each([
    [
      'a file that is not there',
      [{ pem: first }, { path: '/no/ca.pem' }],
      'entry 2 (/no/ca.pem): the file cannot be read: ENOENT',
    ],
    ['a folder', [{ path: folder }], `entry 1 (${folder}): the file cannot be read: EISDIR`],
    ['no certificate', [{ pem: first }, { pem: 'a secret' }], 'entry 2 (inline PEM): holds no certificate'],
    [
      'a key',
      [{ pem: '-----BEGIN PRIVATE KEY-----\na secret\n-----END PRIVATE KEY-----' }],
      'entry 1 (inline PEM): holds no certificate',
    ],
    ['a certificate that does not parse', [{ pem: broken }], 'entry 1 (inline PEM): does not parse as a certificate'],
    ['one of several', [{ pem: first + broken }], 'entry 1 (inline PEM), certificate 2 of 2: does not parse'],
    [
      'one cut short',
      [{ pem: first.slice(0, 300) }],
      'entry 1 (inline PEM): certificate 1 of the PEM text does not end',
    ],
  ])('refuses %s, naming the entry', async (_, sources, message) => {
    const error: unknown = await readCaCertificates(sources).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'ERR_SETTINGS', hint: expect.any(String) as string })
    expect((error as Error).message).toContain(`CA certificates, ${message}`)
    expect((error as Error).message).not.toContain('a secret')
    expect(() => readCaCertificatesSync(sources)).toThrow((error as Error).message)
  })

  it('stops at the signal', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(readCaCertificates([{ path: file('a.pem', first) }], { signal })).rejects.toThrow('enough')
  })

  describeReal('with certificates that are doubtful', ['openssl'], () => {
    let certificates: NamedCertificates
    const day = 86_400_000
    const warnings: [Record<string, unknown>, string][] = []
    const silent = (): void => undefined
    const logger: Logger = { debug: silent, info: silent, error: silent, warn: (...line) => warnings.push(line) }
    beforeAll(async () => {
      certificates = await makeNamedCertificates(folder)
    })

    it.each([
      ['says nothing of a good one', () => certificates.caPath, 0, []],
      ['warns of an expired one', () => certificates.caPath, 3 * day, [['expired', 'CA certificate has expired']]],
      [
        'warns of one for later',
        () => certificates.caPath,
        -day,
        [['not-yet-valid', 'CA certificate is not valid yet']],
      ],
      [
        'warns of one that is no authority’s',
        () => certificates.certPath,
        0,
        [['not-a-ca', 'Certificate is not that of a certificate authority']],
      ],
    ])('%s, naming entry, subject and dates', async (_, path, later, expected) => {
      warnings.length = 0
      const now = new Date(Date.now() + later)
      expect(await readCaCertificates([{ path: path() }], { logger, now })).toEqual([await readFile(path(), 'utf8')])
      expect(warnings.map(([fields, message]) => [fields['problem'], message])).toEqual(expected)
      for (const [fields] of warnings) {
        expect(fields['entry']).toBe(`CA certificates, entry 1 (${path()})`)
        expect(fields['subject']).toContain('CN=pullpass')
        expect(new Date(String(fields['validTo'])).getTime()).toBeGreaterThan(
          new Date(String(fields['validFrom'])).getTime(),
        )
      }
    })
  })
})
