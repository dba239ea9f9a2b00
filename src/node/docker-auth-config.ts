import { decodeAuth } from '../credentials/auth.js'
import type { ProviderObject } from '../credentials/chain.js'
import { isObject } from '../credentials/docker-config.js'
import { parseJson } from '../credentials/json-text.js'
import { keyHostname } from '../credentials/lookup.js'
import { shownKey } from '../credentials/server-key.js'
import type { PasswordCredentials } from '../credentials/types.js'
import { PullpassError } from '../errors.js'
import type { Env } from '../settings/types.js'
import { withPlace } from './config-files.js'
import { dockerServer } from './credential-helper.js'

const VARIABLE = 'DOCKER_AUTH_CONFIG'

/**
 * Credentials from the environment variable DOCKER_AUTH_CONFIG, as strictly as docker CLI reads it: nothing but
 * `{"auths":{"registry.example.com":{"auth":"…"}}}`, and the key is the registry's host, or
 * `https://index.docker.io/v1/`, to the letter. Docker CLI warns about anything else and goes on without it; here that
 * is an error, since somebody set it for a reason.
 *
 * @returns A source named `DOCKER_AUTH_CONFIG`, which throws a `PullpassError` `ERR_CREDENTIALS` when it is not that.
 * @see https://github.com/docker/cli `cli/config/configfile`, `parseEnvConfig`
 */
export function dockerAuthConfig(env: Env): ProviderObject {
  return {
    name: VARIABLE,
    provide: (reference, { ask, note }) => {
      const value = env[VARIABLE]
      if (!value) {
        note('not set')
        return undefined
      }
      const server = dockerServer(reference)
      ask(server)
      const auths = parseDockerAuthConfig(value)
      const found = auths.get(server)
      if (!found) note(nearMiss([...auths.keys()], server))
      return found
    },
  }
}

function nearMiss(keys: readonly string[], server: string): string {
  const near = keys.find((key) => keyHostname(key) === server)
  return near === undefined ? 'no entry for it' : `its key ${shownKey(near)} would have to be "${server}"`
}

function parseDockerAuthConfig(text: string): ReadonlyMap<string, PasswordCredentials> {
  if (text.trim() === '') return new Map()
  try {
    const config = fieldsOf(parseJson(text, 'not JSON'), 'it', 'auths')
    const auths = config['auths'] ?? {}
    if (!isObject(auths)) throw unexpected('auths is not an object')
    return new Map(Object.entries(auths).map(([key, entry]) => [key, readEntry(entry, `auths[${shownKey(key)}]`)]))
  } catch (error) {
    throw withPlace(VARIABLE, error)
  }
}

function readEntry(entry: unknown, where: string): PasswordCredentials {
  const { auth } = fieldsOf(entry, where, 'auth')
  if (auth === undefined || auth === null || auth === '') throw unexpected(`${where} has no auth`)
  if (typeof auth !== 'string') throw unexpected(`auth of ${where} is of type ${typeof auth}`)
  try {
    return decodeAuth(auth)
  } catch (error) {
    throw withPlace(where, error)
  }
}

/** An object that has no other field than `only`. */
function fieldsOf(value: unknown, what: string, only: string): Readonly<Record<string, unknown>> {
  if (!isObject(value)) throw unexpected(`${what} is not an object`)
  const other = Object.keys(value).find((field) => field !== only)
  if (other !== undefined) throw unexpected(`${what} has the field ${shownKey(other)}`)
  return value
}

function unexpected(message: string): PullpassError {
  return new PullpassError(
    'ERR_CREDENTIALS',
    `${message}, where Docker takes nothing but {"auths":{"host":{"auth":"…"}}}`,
    {
      hint: 'Put anything else, such as credsStore or credHelpers, into a config.json, and its directory into DOCKER_CONFIG.',
    },
  )
}
