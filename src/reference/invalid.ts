import { PullpassError } from '../errors.js'
import { isRepositoryPath, scanHost } from '../host.js'
import { OFFICIAL_IMAGES } from './docker-hub.js'
import { REPOSITORY_MAX, TAG_MAX, digestDigits, isImageId, namesRegistry, scanReference } from './scan.js'

/** A rule of the grammar, with the part that breaks it and the index of the first character that does. */
interface Fault {
  readonly rule: string
  readonly part?: string
  readonly index?: number
  readonly hint?: string | undefined
}

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i

/** The error for what is no text at all. */
export function notAString(found: unknown): PullpassError {
  const kind = found === null ? 'null' : Array.isArray(found) ? 'an array' : `of type ${typeof found}`
  return new PullpassError('ERR_IMAGE_REFERENCE', `image reference is ${kind}, expected a string such as 'alpine:3.18'`)
}

/** The error for an image name in which `scanReference` found something wrong at `index`. */
export function invalidReference(input: string, index: number): PullpassError {
  const secret = userInfo(input, index)
  const shown = secret === undefined ? input : `${input.slice(0, secret.start)}***${input.slice(secret.end)}`
  const { rule, part, index: at, hint } = secret?.fault ?? findFault(input, index)
  const where =
    at === undefined
      ? ''
      : at < input.length
        ? ` (character ${at + 1} is ${quote(String.fromCodePoint(input.codePointAt(at) ?? 0))})`
        : ` (it ends after character ${at})`
  const message = `invalid image reference ${quote(shown)}: ${rule}${part === undefined ? '' : `: ${quote(part)}`}${where}`
  return new PullpassError('ERR_IMAGE_REFERENCE', message, {
    hint: hint ?? (secret === undefined ? suggestion(input) : undefined),
  })
}

function findFault(input: string, index: number): Fault {
  if (input === '') return { rule: 'it is empty', hint: "Name an image, such as 'alpine:3.18'." }
  const scheme = SCHEME.exec(input)?.[0]
  if (scheme !== undefined) return { rule: 'it must not begin with a scheme', part: scheme, index: 0 }
  if (isImageId(input)) {
    return {
      rule: '64 hexadecimal digits are an image ID, not a name',
      hint: 'Name the repository too, as in app@sha256:<the digits>; an ID alone cannot be pulled.',
    }
  }
  const slash = input.indexOf('/')
  const hasHost = slash !== -1 && namesRegistry(input, slash)
  if (hasHost && index <= slash) {
    const rule =
      'registry must be a domain name, an IPv4 address or an IPv6 address in brackets, with or without a port'
    return { rule, part: input.slice(0, slash), index: ~scanHost(input, slash) }
  }
  const start = hasHost ? slash + 1 : 0
  const at = input.indexOf('@', start)
  if (at !== -1 && at < index) return digestFault(input, at + 1, index)
  const nameAndTag = at === -1 ? input : input.slice(0, at)
  const colon = nameAndTag.indexOf(':', start)
  if (colon !== -1 && colon < index) return tagFault(nameAndTag, colon + 1, index)
  return nameFault(nameAndTag.slice(start, colon === -1 ? undefined : colon), input.charCodeAt(index), index)
}

function nameFault(part: string, char: number, index: number): Fault {
  if (part === '') return { rule: 'repository name is missing', index }
  if (isRepositoryPath(part)) {
    const added = part.length > REPOSITORY_MAX ? '' : ` with the ${OFFICIAL_IMAGES} that Docker adds`
    return { rule: `repository name must not be more than ${REPOSITORY_MAX} characters${added}`, part }
  }
  if (char >= 65 && char <= 90) return { rule: 'repository name must be lowercase', part, index }
  const rule = 'repository name must be letters and digits, with single . _ __ / or any number of - between them'
  return { rule, part, index }
}

function tagFault(nameAndTag: string, start: number, index: number): Fault {
  const part = nameAndTag.slice(start)
  if (part === '') {
    const name = quote(nameAndTag.slice(0, -1))
    return { rule: 'tag is missing after the colon', index, hint: `Write ${name}, or add the tag, such as 'latest'.` }
  }
  if (index === start + TAG_MAX) return { rule: `tag must not be more than ${TAG_MAX} characters`, part }
  const rule = 'tag must be letters, digits, underscores, dots and dashes, and not begin with a dot or a dash'
  return { rule, part, index }
}

function digestFault(input: string, start: number, index: number): Fault {
  const part = input.slice(start)
  const digits = digestDigits(input, start)
  if (digits === 0) return { rule: 'digest must begin with sha256:, sha384: or sha512:', part, index }
  const algorithm = part.slice(0, 6)
  const rule = `${algorithm} digest must be ${digits} lower-case hexadecimal digits, found ${part.length - 7}`
  return { rule, part, index }
}

/** The same name with what commonly slips in put right, if that makes it valid. */
function suggestion(input: string): string | undefined {
  if (input.length > 2 * REPOSITORY_MAX) return undefined
  const tidied = input
    .trim()
    .replace(SCHEME, '')
    .replace(/\/+/g, '/')
    .replace(/^\/|[/:@]+$/g, '')
  for (const name of [tidied, lowered(tidied)]) {
    if (typeof scanReference(name) !== 'number') return `Write ${quote(name)}.`
  }
  return undefined
}

/** With repository and digest in lower case; a host and a tag may have capitals. */
function lowered(name: string): string {
  const [, host = '', repository = '', tag = '', digest = ''] =
    /^([^/]*[.:][^/]*\/)?([^:@]*)(:[^@]*)?(@.*)?$/s.exec(name) ?? []
  return host + repository.toLowerCase() + tag + digest.toLowerCase()
}

/**
 * What before an `@` looks like a user and a password, or a token. The fault is that it is there, unless `index` says
 * that what comes before the `@` could be an image.
 */
function userInfo(input: string, index: number): { start: number; end: number; fault?: Fault } | undefined {
  let end = input.lastIndexOf('@')
  // A digest comes after an @ as well.
  if (end > 0 && /^(?:sha|md5)[^:/]*:[^/]*$/i.test(input.slice(end + 1))) end = input.lastIndexOf('@', end - 1)
  if (end === -1) return undefined
  const start = SCHEME.exec(input)?.[0].length ?? 0
  const isUrl = start > 0 || input.includes('/', end)
  const colon = input.slice(start, end).indexOf(':')
  if (!isUrl && colon === -1) return undefined
  const fault: Fault = {
    rule: 'it must not have user info before an @',
    hint: 'Leave out what stands before the @, and give the user and the password as credentials.',
  }
  return { start: isUrl ? start : colon + 1, end, ...((isUrl || index <= end) && { fault }) }
}

/** Control characters escaped, so that a message stays one line; cut where it gets long. */
function quote(text: string): string {
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text
  return `'${JSON.stringify(shown).slice(1, -1)}'`
}
