import { PullpassError } from '../errors.js'
import { isRepositoryPath, scanHost } from '../host.js'
import { kindOf } from '../kind-of.js'
import { quoteAll } from '../settings/quote.js'
import { REPOSITORY_MAX, TAG_MAX, namesRegistry, scanReference } from './scan.js'

/** A rule of the grammar, the part that breaks it, and where that is seen. */
type Fault = readonly [rule: string, part: string, index: number]

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i

/** The error for what is no text at all. */
export function notAString(found: unknown): PullpassError {
  return new PullpassError('ERR_IMAGE_REFERENCE', `image reference is ${kindOf(found)}, expected a string`)
}

/** The error for an image name in which `scanReference` found something wrong at `index`. */
export function invalidReference(input: string, index: number): PullpassError {
  const at = misplacedAt(input)
  if (at !== -1) return misplaced(input, at)
  const [rule, part, where] = findFault(input, index)
  return invalid(input, `${rule}: ${quoteAll(part)}`, where, suggestion(input))
}

function invalid(shown: string, rule: string, index: number, hint?: string): PullpassError {
  const message = `invalid image reference ${quoteAll(shown)}: ${rule}, at character ${index + 1}`
  return new PullpassError('ERR_IMAGE_REFERENCE', message, { hint })
}

function findFault(input: string, index: number): Fault {
  const scheme = SCHEME.exec(input)?.[0]
  if (scheme !== undefined) return ['it must not have a scheme', scheme, 0]

  const slash = input.indexOf('/')
  const hasHost = namesRegistry(input, slash)
  if (hasHost && index <= slash) {
    const rule = 'registry must be a domain name or an IP address (IPv6 in brackets), with an optional port'
    return [rule, input.slice(0, slash), ~scanHost(input, slash)]
  }
  const start = hasHost ? slash + 1 : 0
  const [nameAndTag = '', digest = ''] = input.slice(start).split('@', 2)
  const [name = ''] = nameAndTag.split(':', 1)
  if (index > start + nameAndTag.length) {
    return ['digest must be 64 (sha256), 96 (sha384) or 128 (sha512) lower-case hex digits', digest, index]
  }
  if (index > start + name.length) {
    const rule = `tag must be 1 to ${TAG_MAX} letters, digits, _ . or -, and not begin with . or -`
    return [rule, nameAndTag.slice(name.length + 1), index]
  }
  return [nameRule(name, input.charCodeAt(index)), name, index]
}

function nameRule(name: string, char: number): string {
  if (name === '') return 'repository name must not be empty'
  if (isRepositoryPath(name)) {
    return `repository name must not be ${name.length > 64 ? `more than ${REPOSITORY_MAX} characters` : 'an image ID'}`
  }
  if (char >= 65 && char <= 90) return 'repository name must be lowercase'
  return 'repository name must be lower-case letters and digits, joined by . _ __ / or dashes'
}

/** The same name with what commonly slips in put right, if that makes it valid. */
function suggestion(input: string): string | undefined {
  if (input.length > 2 * REPOSITORY_MAX) return undefined
  const tidied = input
    .trim()
    .replace(SCHEME, '')
    .replace(/^\/+|[/:]+$/g, '')
  // A tag may have capitals. So may a host, but it is the same without.
  const lowered = tidied.replace(/^(.*\/)?[^:@]*|@.*/gs, (part) => part.toLowerCase())
  const valid = [tidied, lowered].find((name) => typeof scanReference(name) !== 'number')
  return valid && `Write ${quoteAll(valid)}.`
}

/** Where an `@` is that no digest follows: the last one, or the last before a digest. -1 when there is none. */
function misplacedAt(input: string): number {
  const at = input.lastIndexOf('@')
  if (!/^sha[^/]*$/i.test(input.slice(at + 1))) return at
  return input.slice(0, at).lastIndexOf('@')
}

/** Before the `@` there may be a password after a colon, or all of it may be a token when a path comes after it. */
function misplaced(input: string, at: number): PullpassError {
  const secret = input.includes('/', at) ? 0 : input.slice(0, at).indexOf(':') + 1 || at
  const shown = input.slice(0, secret) + (secret < at ? '***' : '') + input.slice(at)
  const rule = 'only a digest, such as sha256:…, may come after an @'
  return invalid(shown, rule, at, 'User and password are given as credentials.')
}
