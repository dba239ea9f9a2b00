import { PullpassError } from '../errors.js'
import { checkObject, kindOf } from '../kind-of.js'
import type { Credentials, IdentityTokenCredentials, RegistryTokenCredentials } from './types.js'

/** Whether these are a registry token, which goes before everything else that may stand beside it. */
export function isRegistryToken(credentials: Credentials): credentials is RegistryTokenCredentials {
  return 'registryToken' in credentials && (credentials.registryToken as string | undefined) !== undefined
}

/** Whether these are an identity token, which goes before a password that may stand beside it. */
export function isIdentityToken(credentials: Credentials): credentials is IdentityTokenCredentials {
  return 'identityToken' in credentials && (credentials.identityToken as string | undefined) !== undefined
}

/**
 * Checks that credentials can be sent as they are.
 *
 * - The user name has at least one character, no colon (it ends there on the wire) and no control character.
 * - The password has no control characters but tabs and line breaks, which JSON keys have. RFC 7617 forbids those too,
 *   but they arrive; NUL does not: Docker cuts it off.
 * - A token has at least one character. An identity token has no control character; a registry token, which becomes a
 *   header, has visible ASCII only.
 * - All of it is well-formed Unicode, since UTF-8 has no half a surrogate pair.
 *
 * @throws {PullpassError} `ERR_CREDENTIALS`, naming the field and the position, counted from 0.
 * @throws {TypeError} When it is no credentials at all.
 */
export function checkCredentials(credentials: Credentials): void {
  checkObject(credentials, 'credentials')
  const fields: Readonly<Record<string, unknown>> = { ...credentials }
  if (fields.registryToken !== undefined) {
    checkText('registryToken', fields.registryToken)
    refuse('registryToken', fields.registryToken, (char) => char <= 32 || char >= 127, 'a character that no header has')
  } else if (fields.identityToken !== undefined) {
    checkText('identityToken', fields.identityToken)
    refuse('identityToken', fields.identityToken, isControl, 'a control character')
    if (fields.username !== undefined) checkUser(fields.username)
  } else {
    checkUser(fields.username)
    checkText('password', fields.password, { empty: true })
    refuse('password', fields.password, (char) => isControl(char) && !isLayout(char), 'a control character')
    if (fields.email !== undefined) checkText('email', fields.email, { empty: true })
  }
}

function checkUser(username: unknown): void {
  checkText('username', username)
  refuse('username', username, (char) => char === 58, 'a colon, where the password would begin')
  refuse('username', username, isControl, 'a control character')
}

function checkText(field: string, value: unknown, { empty = false } = {}): asserts value is string {
  if (typeof value !== 'string') {
    throw new TypeError(`credentials.${field} must be a string, not ${kindOf(value)}`)
  }
  if (value === '' && !empty) throw unusable(`${field} is empty`)
  if (!value.isWellFormed()) throw unusable(`${field} has half of a surrogate pair, which UTF-8 cannot carry`)
}

function refuse(field: string, value: string, isBad: (char: number) => boolean, what: string): void {
  for (let position = 0; position < value.length; position++) {
    if (isBad(value.charCodeAt(position))) throw unusable(`${field} has ${what} at position ${position}`)
  }
}

function isControl(char: number): boolean {
  return char < 32 || char === 127
}

/** Tab, line feed, carriage return. */
function isLayout(char: number): boolean {
  return char === 9 || char === 10 || char === 13
}

function unusable(message: string): PullpassError {
  return new PullpassError('ERR_CREDENTIALS', `credentials cannot be sent: ${message}`, {
    hint: 'Check for what came along when the value was copied, such as a line break, a quote or a prefix.',
  })
}
