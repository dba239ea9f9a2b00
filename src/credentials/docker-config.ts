import { PullpassError } from '../errors.js'
import { kindOf } from '../kind-of.js'
import { MASK, printedAs } from '../masking.js'
import { parseJson } from './json-text.js'
import { shownKey } from './server-key.js'

/** One entry of `auths`, with the fields of Docker's `AuthConfig`. `auth` wins over `username` and `password`. */
export interface DockerConfigEntry {
  readonly username?: string
  readonly password?: string
  readonly email?: string
  /** Base64 of `username:password`. */
  readonly auth?: string
  /** An OAuth2 refresh token. kubelet does not read it. */
  readonly identitytoken?: string
  /** A bearer token. kubelet does not read it. */
  readonly registrytoken?: string
}

/** The content of a secret of type `kubernetes.io/dockerconfigjson`. Printed with its secrets masked. */
export interface DockerConfigJson {
  /** Server -> entry. */
  readonly auths: Readonly<Record<string, DockerConfigEntry>>
}

/**
 * What a config.json says about credentials. Printed with its secrets masked. An entry of `auths` is as it stands in
 * the file, broken ones included: they are reported when they are looked up.
 */
export interface DockerConfig extends DockerConfigJson {
  /** Host -> name of the credential helper (`NAME` in `docker-credential-NAME`) that has its credentials. */
  readonly credHelpers?: Readonly<Record<string, string>>
  /** The name of the credential helper for every other host. */
  readonly credsStore?: string
}

const MAX_BYTES = 10 * 1024 * 1024

/** The other fields of a config.json that hold an object; in a legacy file every field that does is an entry. */
const OTHER_OBJECTS = new Set(['httpheaders', 'proxies', 'plugins', 'aliases', 'features'])

/**
 * Reads Docker's config.json, the content of a dockerconfigjson secret, or a legacy `.dockercfg`, whose entries have no
 * `auths` around them. A BOM is skipped; empty text is an empty configuration.
 *
 * @param json Text, its UTF-8 bytes, or what `JSON.parse` made of it. Left as it is.
 * @returns `auths`, and `credHelpers` and `credsStore` where they are set. Everything else is left out.
 * @throws {PullpassError} `ERR_CREDENTIALS` for more than 10 MiB, nesting deeper than 64, what is not JSON (with line
 * and column) or not UTF-8, and a field of the wrong type. A wrong entry in `auths` is no error here, but when
 * {@link lookupDockerConfig} or {@link matchPullSecrets} comes to it.
 */
export function parseDockerConfig(json: string | Uint8Array | object): DockerConfig {
  const file = typeof json === 'string' || json instanceof Uint8Array ? parseText(json) : json
  if (!isObject(file)) throw wrongType('docker config', file, 'an object')
  return {
    auths: maskedAuths(readAuths(file)),
    ...readHelpers(goField(file, 'credHelpers')),
    ...readStore(goField(file, 'credsStore')),
  }
}

/** @throws {TypeError} Unless it has the shape of what {@link parseDockerConfig} returns. */
export function checkDockerConfig(config: unknown, name: string): asserts config is DockerConfig {
  if (!isObject(config) || !isObject(config['auths'])) throw new TypeError(`${name} must come from parseDockerConfig`)
}

/** A field of an object as Go decodes JSON: whatever its capitals are, and the last one if there are several. */
export function goField(object: Readonly<Record<string, unknown>>, name: string): unknown {
  const key = Object.keys(object).findLast((candidate) => candidate.toLowerCase() === name.toLowerCase())
  return key === undefined ? undefined : object[key]
}

/** `auths` from its entries. Neither it nor an entry shows a secret when it is printed. */
export function maskedAuths(
  entries: readonly (readonly [string, DockerConfigEntry])[],
): Readonly<Record<string, DockerConfigEntry>> {
  const masked = entries.map(([key, entry]) => [key, isObject(entry) ? maskedEntry(entry) : entry] as const)
  // `fromEntries` makes a key named __proto__ a key like any other.
  return printedAs(Object.fromEntries(masked), () =>
    Object.fromEntries(masked.map(([key, entry]) => [shownKey(key).slice(1, -1), isObject(entry) ? entry : MASK])),
  )
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Shows what is known to be public rather than hides what is known to be secret: files have fields of their own. */
function maskedEntry(entry: DockerConfigEntry): DockerConfigEntry {
  const copy = { ...entry }
  return printedAs(copy, () =>
    Object.fromEntries(Object.entries(copy).map(([field, value]) => [field, isPublic(field, value) ? value : MASK])),
  )
}

function isPublic(field: string, value: unknown): boolean {
  return (field === 'username' || field === 'email') && typeof value === 'string'
}

function parseText(json: string | Uint8Array): unknown {
  if (json.length > MAX_BYTES) {
    throw new PullpassError('ERR_CREDENTIALS', 'docker config is larger than 10 MiB', {
      hint: 'A config.json has some kilobytes. Check which file this is.',
    })
  }
  const text = typeof json === 'string' ? json.replace(/^\uFEFF/, '') : decodeUtf8(json)
  return text.trim() === '' ? {} : parseJson(text, 'docker config is not JSON')
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new PullpassError('ERR_CREDENTIALS', 'docker config is not UTF-8', {
      hint: 'Save it as UTF-8. Windows PowerShell writes UTF-16 unless told otherwise.',
    })
  }
}

function readAuths(file: Readonly<Record<string, unknown>>): [string, DockerConfigEntry][] {
  const isLegacy = ['auths', 'credHelpers', 'credsStore'].every((field) => goField(file, field) === undefined)
  if (isLegacy) {
    const entries = Object.entries(file).filter(
      ([key, value]) => isObject(value) && !OTHER_OBJECTS.has(key.toLowerCase()),
    )
    return entries as [string, DockerConfigEntry][]
  }
  const auths = goField(file, 'auths') ?? {}
  if (!isObject(auths)) throw wrongType('auths in docker config', auths, 'an object')
  return Object.entries(auths) as [string, DockerConfigEntry][]
}

function readHelpers(helpers: unknown): Pick<DockerConfig, 'credHelpers'> {
  if (helpers === undefined || helpers === null) return {}
  if (!isObject(helpers)) throw wrongType('credHelpers in docker config', helpers, 'an object')
  for (const [host, name] of Object.entries(helpers)) {
    if (typeof name !== 'string') throw wrongType(`credHelpers[${shownKey(host)}] in docker config`, name, 'a string')
  }
  return { credHelpers: { ...(helpers as Record<string, string>) } }
}

function readStore(store: unknown): Pick<DockerConfig, 'credsStore'> {
  if (store === undefined || store === null || store === '') return {}
  if (typeof store !== 'string') throw wrongType('credsStore in docker config', store, 'a string')
  return { credsStore: store }
}

/** The error for a part of a docker config, or of an entry of it. */
export function wrongType(what: string, value: unknown, expected: string): PullpassError {
  return new PullpassError('ERR_CREDENTIALS', `${what} is ${kindOf(value)}, expected ${expected}`)
}
