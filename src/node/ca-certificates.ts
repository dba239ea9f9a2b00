import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { PullpassError } from '../errors.js'
import type { Logger } from '../logger.js'
import { splitPemCertificates } from '../proxy/pem.js'
import type { CaSource } from '../settings/types.js'

/** Options of {@link readCaCertificates}. */
export interface ReadCaCertificatesOptions {
  /** Hears at warn level of each certificate that is expired, not valid yet, or not that of an authority. */
  readonly logger?: Logger | undefined
  /** The moment at which a certificate has to be valid. Default: now. */
  readonly now?: Date | undefined
  readonly signal?: AbortSignal | undefined
}

/** What an entry of the list holds, and how errors call it. */
interface Entry {
  readonly name: string
  readonly text: string
}

/**
 * Reads the certificates of a CA list: PEM text, one certificate each, in the order of the list. A file or an inline
 * PEM may hold several, with anything between them.
 *
 * @throws {PullpassError} `ERR_SETTINGS`: a file cannot be read, an entry holds no certificate, or one that does not
 * parse. The message names the entry by its position and path.
 */
export async function readCaCertificates(
  sources: readonly CaSource[],
  options: ReadCaCertificatesOptions = {},
): Promise<string[]> {
  const entries = await Promise.all(
    sources.map(async (source, index): Promise<Entry> => {
      const name = nameOf(source, index)
      if ('pem' in source) return { name, text: source.pem }
      try {
        return { name, text: await readFile(source.path, { encoding: 'utf8', signal: options.signal }) }
      } catch (error) {
        options.signal?.throwIfAborted()
        throw unreadable(name, error)
      }
    }),
  )
  return entries.flatMap((entry) => certificatesIn(entry, options))
}

/** As {@link readCaCertificates}, at once: for what is built without waiting, an agent or a dispatcher. */
export function readCaCertificatesSync(
  sources: readonly CaSource[],
  options: Omit<ReadCaCertificatesOptions, 'signal'> = {},
): string[] {
  return sources.flatMap((source, index) => {
    const name = nameOf(source, index)
    if ('pem' in source) return certificatesIn({ name, text: source.pem }, options)
    let text: string
    try {
      text = readFileSync(source.path, 'utf8')
    } catch (error) {
      throw unreadable(name, error)
    }
    return certificatesIn({ name, text }, options)
  })
}

function nameOf(source: CaSource, index: number): string {
  return `CA certificates, entry ${index + 1} (${'path' in source ? source.path : 'inline PEM'})`
}

function unreadable(name: string, error: unknown): PullpassError {
  // `EISDIR: illegal operation on a directory, read`: what follows the comma is Node's call, with or without the path.
  const [reason] = (error as Error).message.split(', ')
  return new PullpassError('ERR_SETTINGS', `${name}: the file cannot be read: ${reason}`, {
    hint: 'Check the path, as seen from this process or container, and that this user may read the file.',
    cause: error,
  })
}

function certificatesIn({ name, text }: Entry, options: ReadCaCertificatesOptions): string[] {
  const blocks = split(text, name)
  if (blocks.length === 0) {
    throw new PullpassError('ERR_SETTINGS', `${name}: holds no certificate; expected -----BEGIN CERTIFICATE-----`, {
      hint: 'Give the certificate as PEM. Binary (DER) becomes PEM with: openssl x509 -inform der -in FILE -out FILE.pem',
    })
  }
  return blocks.map((block, index) => {
    const place = blocks.length === 1 ? name : `${name}, certificate ${index + 1} of ${blocks.length}`
    const certificate = parse(block, place)
    for (const [word, message] of doubts(certificate, options.now ?? new Date())) {
      const { subject, validFromDate, validToDate } = certificate
      options.logger?.warn(
        {
          entry: place,
          subject: subject.replaceAll('\n', ', '),
          validFrom: validFromDate.toISOString(),
          validTo: validToDate.toISOString(),
          problem: word,
        },
        message,
      )
    }
    return block
  })
}

function split(text: string, name: string): string[] {
  try {
    return splitPemCertificates(text)
  } catch (error) {
    if (!(error instanceof PullpassError)) throw error
    throw new PullpassError(error.code, `${name}: ${error.message}`, { hint: error.hint })
  }
}

function parse(block: string, place: string): X509Certificate {
  try {
    return new X509Certificate(block)
  } catch (cause) {
    throw new PullpassError('ERR_SETTINGS', `${place}: does not parse as a certificate`, {
      hint: 'It may be cut short, or its line breaks lost. Check it with: openssl x509 -in FILE -noout -subject -dates',
      cause,
    })
  }
}

function doubts(certificate: X509Certificate, now: Date): [string, string][] {
  const found: [string, string][] = []
  if (certificate.validToDate < now) found.push(['expired', 'CA certificate has expired'])
  if (certificate.validFromDate > now) found.push(['not-yet-valid', 'CA certificate is not valid yet'])
  if (!certificate.ca) found.push(['not-a-ca', 'Certificate is not that of a certificate authority'])
  return found
}
