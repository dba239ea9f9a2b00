import { PullpassError } from '../errors.js'
import { decodeAuthField, splitAuth } from './auth.js'
import { goField, isObject, wrongType } from './docker-config.js'
import { maskedCredentials } from './masked.js'
import { shownKey } from './server-key.js'
import type { Credentials, PasswordCredentials } from './types.js'

/** The fields of an entry after a look at their types; empty where the file has none. */
interface EntryFields {
  readonly username: string
  readonly password: string
  readonly auth: string
  readonly identitytoken: string
  readonly registrytoken: string
}

/**
 * What docker CLI takes from an entry of `auths`. `auth` wins over `username` and `password`; a registry token wins over
 * an identity token, and that over a password, as it does in the engine.
 *
 * @returns `undefined` for an entry that holds nothing, which marks that a credential store has it.
 * @throws {PullpassError} `ERR_CREDENTIALS`, naming the key, for a broken entry.
 */
export function dockerCredentials(entry: unknown, key: string): Credentials | undefined {
  const where = entryName(key)
  const { auth, identitytoken, registrytoken, ...inline } = readFields(entry, where)
  const { username, password } = auth === '' ? inline : decodeAuthField(auth, `auth of ${where}`)
  if (registrytoken !== '') return maskedCredentials({ registryToken: registrytoken })
  if (identitytoken !== '') {
    return maskedCredentials({ identityToken: identitytoken, ...(username === '' ? {} : { username }) })
  }
  if (username !== '') return maskedCredentials({ username, password })
  if (password === '') return undefined
  throw new PullpassError('ERR_CREDENTIALS', `${where} has a password and no username`, {
    hint: 'Run docker login for this registry again.',
  })
}

/**
 * What kubelet takes from an entry of `auths`: user name and password, each of which may be empty. Tokens it does not
 * read.
 *
 * @throws {PullpassError} `ERR_CREDENTIALS`, naming the key, for a broken entry.
 */
export function kubeletCredentials(entry: unknown, key: string): PasswordCredentials {
  const where = entryName(key)
  const { auth, username, password } = readFields(entry, where)
  const credentials = auth === '' ? { username, password } : splitAuth(auth, `auth of ${where}`)
  return maskedCredentials(credentials) as PasswordCredentials
}

function readFields(entry: unknown, where: string): EntryFields {
  if (entry !== null && entry !== undefined && !isObject(entry)) throw wrongType(where, entry, 'an object')
  const read = (field: string): string => {
    const value = isObject(entry) ? goField(entry, field) : undefined
    if (value === undefined || value === null) return ''
    if (typeof value !== 'string') throw wrongType(`${field} of ${where}`, value, 'a string')
    return value
  }
  return {
    username: read('username'),
    password: read('password'),
    auth: read('auth'),
    identitytoken: read('identitytoken'),
    registrytoken: read('registrytoken'),
  }
}

function entryName(key: string): string {
  return `auths[${shownKey(key)}]`
}
