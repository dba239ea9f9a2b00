import { PullpassError } from '../errors.js'
import { kindOf } from '../kind-of.js'

const BEGIN = '-----BEGIN CERTIFICATE-----'
const END = '-----END CERTIFICATE-----'

/**
 * Takes the certificates out of a PEM text, in their order, each as a text of its own that ends in a line break.
 * Whatever stands between them (comments, keys) is left out. What is inside is not looked at.
 *
 * @returns None when the text holds none.
 * @throws {PullpassError} `ERR_SETTINGS`, with the number of the certificate (from 1) that begins and does not end.
 * @throws {TypeError} `text` is not a string.
 * @see https://www.rfc-editor.org/rfc/rfc7468 section 5
 */
export function splitPemCertificates(text: string): string[] {
  if (typeof text !== 'string') throw new TypeError(`a PEM text must be a string, not ${kindOf(text)}`)
  const certificates: string[] = []
  for (let begin = text.indexOf(BEGIN); begin !== -1;) {
    const end = text.indexOf(END, begin)
    const next = text.indexOf(BEGIN, begin + BEGIN.length)
    if (end === -1 || (next !== -1 && next < end)) {
      throw new PullpassError('ERR_SETTINGS', `certificate ${certificates.length + 1} of the PEM text does not end`, {
        hint: `Copy the whole of it, from ${BEGIN} to ${END}.`,
      })
    }
    certificates.push(`${text.slice(begin, end).replaceAll('\r', '')}${END}\n`)
    begin = next
  }
  return certificates
}
