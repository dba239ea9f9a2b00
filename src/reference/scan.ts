import { isLetterOrDigit, scanHost, scanPath } from '../host.js'
import { DOCKER_HUB, DOCKER_HUB_INDEX, OFFICIAL_IMAGES } from './docker-hub.js'
import type { ImageReference } from './types.js'

/** The longest repository, with the `library/` that Docker adds. */
export const REPOSITORY_MAX = 255

/** The longest tag. */
export const TAG_MAX = 128

const COLON = 58
const AT = 64

/**
 * Reads an image name in one pass.
 *
 * @returns The reference; or the index of what cannot be part of one, which is the length when something is missing at
 * the end, and 0 when each part is right but the whole is not (see `isImageId`).
 */
export function scanReference(input: string): ImageReference | number {
  const length = input.length
  const slash = input.indexOf('/')
  let registry = DOCKER_HUB
  let start = 0
  let isNested = slash !== -1
  const host = isNested ? scanHost(input, slash) : 0
  if (host > 0) {
    start = slash + 1
    registry = input.substring(0, slash)
    if (registry === DOCKER_HUB_INDEX) registry = DOCKER_HUB
    // A slash in a tag would count here, but no tag can have one.
    if (registry === DOCKER_HUB) isNested = input.includes('/', start)
  } else if (host < 0 && namesRegistry(input, slash)) {
    // What looks like a host and cannot be one is read as a part of the path, without a registry: `my_reg.com/app`.
    registry = ''
  }

  // A first part that is no registry and could be a host is a part of the path that has been read.
  const pathEnd = scanPath(input, host < 0 ? 0 : slash + 1)
  if (pathEnd < 0) return ~pathEnd
  let repository = input.substring(start, pathEnd)
  if (!isNested) repository = OFFICIAL_IMAGES + repository
  if (repository.length > REPOSITORY_MAX) return pathEnd
  if (pathEnd === length) return isImageId(input) ? 0 : { registry, repository }

  const tagStart = pathEnd + 1
  let tagEnd = pathEnd
  if (input.charCodeAt(pathEnd) === COLON) {
    tagEnd = scanTag(input, tagStart)
    if (tagEnd === tagStart) return tagEnd
    if (tagEnd === length) return { registry, repository, tag: input.substring(tagStart) }
  }
  if (input.charCodeAt(tagEnd) !== AT) return tagEnd

  const digestStart = tagEnd + 1
  const digestEnd = scanDigest(input, digestStart)
  if (digestEnd < 0) return ~digestEnd
  const digest = input.substring(digestStart)
  if (tagEnd === pathEnd) return { registry, repository, digest }
  return { registry, repository, tag: input.substring(tagStart, tagEnd), digest }
}

/**
 * Whether what stands before the first slash, which is at `slash`, is a registry by Docker's rule: a dot, a colon or a
 * capital letter in it, or `localhost`. Without a slash (-1) there is none.
 */
export function namesRegistry(input: string, slash: number): boolean {
  for (let index = 0; index < slash; index++) {
    const char = input.charCodeAt(index)
    if (char === 46 || char === COLON || (char - 65) >>> 0 < 26) return true
  }
  return slash === 9 && input.startsWith('localhost')
}

/** Whether `input` is 64 hexadecimal digits, which the engine takes for an image ID and never for a name. */
function isImageId(input: string): boolean {
  return input.length === 64 && hexEnd(input, 0, 64) === 64
}

function scanTag(input: string, start: number): number {
  const end = Math.min(input.length, start + TAG_MAX)
  let index = start
  for (; index < end; index++) {
    const char = input.charCodeAt(index)
    const isWord = isLetterOrDigit(char) || char === 95
    if (!isWord && (index === start || (char !== 46 && char !== 45))) break
  }
  return index
}

/** @returns The length of `input`, or the complement (`~`) of the index of what does not fit. */
function scanDigest(input: string, start: number): number {
  let digits = 0
  if (input.startsWith('sha256:', start)) digits = 64
  else if (input.startsWith('sha512:', start)) digits = 128
  else if (input.startsWith('sha384:', start)) digits = 96
  else return ~start
  const end = start + 7 + digits
  const index = hexEnd(input, start + 7, Math.min(end, input.length))
  return index === input.length && index === end ? index : ~index
}

function hexEnd(input: string, start: number, end: number): number {
  let index = start
  for (; index < end; index++) {
    const char = input.charCodeAt(index)
    if ((((char - 48) | (57 - char)) & ((char - 97) | (102 - char))) < 0) break
  }
  return index
}
