import { PullpassError } from '../errors.js'
import { checkObject, kindOf } from '../kind-of.js'
import { maskWhenPrinted } from '../masking.js'
import { decodeBase64, encodeBase64 } from './base64.js'
import { checkCredentials } from './check.js'

/**
 * The `auth` field of Docker's config.json and of a Kubernetes dockerconfigjson: standard base64, with padding, of
 * `username:password` in UTF-8.
 *
 * @throws {PullpassError} `ERR_CREDENTIALS` for an empty user name, a colon or a control character in it, a control
 * character other than tab and line break in the password, and half a surrogate pair in either.
 * @see https://github.com/docker/cli `cli/config/configfile`, `encodeAuth`
 */
export function encodeAuth(credentials: { readonly username: string; readonly password: string }): string {
  checkObject(credentials, 'credentials')
  const { username, password } = credentials
  checkCredentials({ username, password })
  return encodeBase64(`${username}:${password}`)
}

/**
 * Reads an `auth` field: the reverse of {@link encodeAuth}. The user name ends at the first colon. As docker CLI does,
 * it drops NULs around the password; as kubelet does, it takes base64 without its padding.
 *
 * @returns User name and password. Printed with the password masked.
 * @throws {PullpassError} `ERR_CREDENTIALS` for what is not base64 of UTF-8 text, has no colon or no user name. The
 * message has the position, counted from 0, and nothing of the value.
 * @see https://github.com/docker/cli `cli/config/configfile`, `decodeAuth`
 */
export function decodeAuth(auth: string): { username: string; password: string } {
  if (typeof auth !== 'string') throw new TypeError(`auth must be a string, not ${kindOf(auth)}`)
  return decodeAuthField(auth, 'auth')
}

/**
 * {@link decodeAuth} of a field of a file.
 *
 * @param what Names the field in errors.
 */
export function decodeAuthField(auth: string, what: string): { username: string; password: string } {
  const { username, password } = splitAuth(auth, what)
  if (username === '') throw malformed(what, 'has no user name before its colon')
  return maskWhenPrinted({ username, password: trimNuls(password) }, ['password'])
}

/**
 * User name and password just as kubelet takes them from an `auth` field: the user name may be empty.
 *
 * @param what Names the field in errors.
 */
export function splitAuth(auth: string, what: string): { username: string; password: string } {
  const text = decodeBase64(auth, what)
  const colon = text.indexOf(':')
  if (colon === -1) throw malformed(what, 'has no colon between user name and password')
  return { username: text.slice(0, colon), password: text.slice(colon + 1) }
}

function trimNuls(text: string): string {
  let start = 0
  let end = text.length
  while (text.charCodeAt(start) === 0) start++
  while (text.charCodeAt(end - 1) === 0) end--
  return text.slice(start, end)
}

function malformed(what: string, problem: string): PullpassError {
  return new PullpassError('ERR_CREDENTIALS', `${what} ${problem}`, {
    hint: 'Expected is base64 of username:password. docker login writes it; so does encodeAuth.',
  })
}
