import { PullpassError } from '../../errors.js'

/** What is checked of an object's metadata. */
export interface CheckedMetadata {
  readonly name: string
  readonly namespace: string | undefined
  readonly labels: Readonly<Record<string, string>> | undefined
  readonly annotations: Readonly<Record<string, string>> | undefined
}

const LARGEST_ANNOTATIONS = 256 * 1024
const WORD = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/

/**
 * Refuses what the API server would refuse, before it is sent.
 *
 * @throws {PullpassError} `ERR_PULL_SECRET_INVALID`, naming the field.
 * @see https://github.com/kubernetes/apimachinery `util/validation`
 */
export function checkMetadata({ name, namespace, labels = {}, annotations = {} }: CheckedMetadata): void {
  if (!isSubdomain(name)) {
    throw invalid('name', name, 'a lower-case DNS name of at most 253 characters: letters, digits, - and .')
  }
  if (namespace !== undefined && !(namespace.length <= 63 && WORD.test(namespace))) {
    throw invalid('namespace', namespace, 'at most 63 lower-case letters, digits and -')
  }
  for (const [key, value] of Object.entries(labels)) {
    checkKey('labels', key)
    if (value !== '' && !isName(value)) {
      throw invalid(`labels["${key}"]`, value, 'at most 63 letters, digits, -, _ and .')
    }
  }
  // The API server compares the keys of annotations in lower case.
  Object.keys(annotations).forEach((key) => checkKey('annotations', key.toLowerCase()))
  const size = Object.entries(annotations).reduce((sum, pair) => sum + Buffer.byteLength(pair.join('')), 0)
  if (size > LARGEST_ANNOTATIONS) {
    throw invalid('annotations', `${size} bytes`, `at most ${LARGEST_ANNOTATIONS} bytes in all`)
  }
}

/** `name`, or `prefix.example.com/name`. */
function checkKey(field: string, key: string): void {
  const slash = key.indexOf('/')
  const prefix = slash < 0 ? undefined : key.slice(0, slash)
  if ((prefix === undefined || isSubdomain(prefix)) && isName(key.slice(slash + 1))) return
  throw invalid(
    `key in ${field}`,
    key,
    'at most 63 letters, digits, -, _ and ., with an optional DNS name and / in front',
  )
}

function isSubdomain(text: string): boolean {
  return text.length <= 253 && text.split('.').every((part) => WORD.test(part))
}

function isName(text: string): boolean {
  return text.length <= 63 && NAME.test(text)
}

function invalid(field: string, found: string, expected: string): PullpassError {
  const shown = JSON.stringify(found.length > 80 ? `${found.slice(0, 80)}…` : found)
  return new PullpassError(
    'ERR_PULL_SECRET_INVALID',
    `the pull secret cannot be made: its ${field} is ${shown}, expected ${expected}`,
    { hint: 'Letters and digits must stand at both ends.' },
  )
}
