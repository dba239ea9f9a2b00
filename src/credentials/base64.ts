import { PullpassError } from '../errors.js'

/** How many bytes become characters in one call: engines bound the number of arguments. */
const CHUNK = 8192

/** Standard base64 with padding (RFC 4648, section 4) of the text's UTF-8 bytes. */
export function encodeBase64(text: string): string {
  const bytes = new TextEncoder().encode(text)
  let binary = ''
  for (let start = 0; start < bytes.length; start += CHUNK) {
    binary += String.fromCharCode(...bytes.subarray(start, start + CHUNK))
  }
  return btoa(binary)
}

/**
 * Text from standard base64, with or without padding. Line breaks are skipped, as Go's decoder skips them.
 *
 * @param what Names the value in errors, which never repeat any of it.
 * @throws {PullpassError} `ERR_CREDENTIALS` with the position, counted from 0, when it is not base64 of UTF-8.
 */
export function decodeBase64(base64: string, what: string): string {
  const fault = findFault(base64)
  if (fault !== undefined) {
    throw new PullpassError('ERR_CREDENTIALS', `${what} is not base64: ${fault}`, {
      hint: 'Have it written anew: docker login writes the auth of a config.json, kubectl or imagePullSecret that of a pull secret.',
    })
  }
  const binary = atob(base64)
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new PullpassError('ERR_CREDENTIALS', `${what} is base64 of something that is not UTF-8 text`, {
      hint: 'Encode the user and the password in UTF-8, as docker login does.',
    })
  }
}

function findFault(base64: string): string | undefined {
  let digits = 0
  let padding = 0
  for (let position = 0; position < base64.length; position++) {
    const char = base64.charCodeAt(position)
    if (char === 10 || char === 13) continue
    if (char === 61 /* = */) padding++
    else if (!isDigit(char)) return `position ${position} has ${describe(char)}`
    else if (padding > 0) return `position ${position} follows the padding`
    else digits++
  }
  if (digits % 4 === 1) return `its end is missing behind position ${base64.length - 1}`
  if (padding > 0 && (padding > 2 || (digits + padding) % 4 !== 0)) return `${padding} '=' at its end do not fit`
  return undefined
}

function isDigit(char: number): boolean {
  const isLetter = (char >= 65 && char <= 90) || (char >= 97 && char <= 122)
  return isLetter || (char >= 48 && char <= 57) || char === 43 /* + */ || char === 47 /* / */
}

/** Says what kind of character it is. The character itself may be one of a password that was not encoded at all. */
function describe(char: number): string {
  if (char === 32 || char === 9) return 'white space'
  if (char === 45 || char === 95) return 'a character of the URL alphabet (- or _), where + or / is expected'
  return 'a character outside of the alphabet'
}
