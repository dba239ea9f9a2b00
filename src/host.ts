// The grammar of distribution/reference (`regexp.go`) for a host and for a repository's path, as scanners that look at
// each character once. No regular expression: what they read may come from an attacker.

/** The bit that capital letters lack, and that everything else in a host name has. */
const LOWER_CASE = 32

const DASH = 45
const DOT = 46
const SLASH = 47
const COLON = 58
const UNDERSCORE = 95

/**
 * Whether `text` is a registry host as an image name can have one: a domain name or IPv4 address, or an IPv6 address in
 * brackets (without a zone), each with an optional port. Capitals are allowed. `alpine` is one: whether Docker takes it
 * for a host or for a path is another question, see `hasRegistry`.
 *
 * @see https://github.com/distribution/reference `domainAndPort`
 */
export function isRegistryHost(text: string): boolean {
  return scanHost(text, text.length) >= 0
}

/** Whether `text` is a repository's path: lower-case words, joined by single separators, in parts between slashes. */
export function isRepositoryPath(text: string): boolean {
  return scanPath(text, 0) === text.length
}

/**
 * Reads a host with an optional port: the first `end` characters of `text`, all of them.
 *
 * @returns `end` for a host; 0 for a single lower-case word, which could be one and which Docker takes for a part of a
 * path (`localhost` aside); the complement (`~`) of the index of what no host can have there, which is `end` when
 * something is missing.
 */
export function scanHost(text: string, end: number): number {
  if (text.charCodeAt(0) === 91 /* [ */) return scanIpv6(text, end)
  let index = 0
  let dots = 0
  let commonBits = LOWER_CASE
  for (;;) {
    const word = index
    let char = 0
    while (index < end && isLetterOrDigit((char = text.charCodeAt(index)))) {
      commonBits &= char
      index++
    }
    if (index === word) return ~index
    if (index === end) return dots > 0 || commonBits === 0 || (end === 9 && text.startsWith('localhost')) ? end : 0
    if (char === DOT) {
      dots++
      index++
    } else if (char === DASH) while (text.charCodeAt(index) === DASH) index++
    else return scanPort(text, index, end)
  }
}

function scanIpv6(text: string, end: number): number {
  let index = 1
  while (index < end && isHexOrColon(text.charCodeAt(index))) index++
  if (index === 1 || text.charCodeAt(index) !== 93 /* ] */) return ~index
  return index + 1 === end ? end : scanPort(text, index + 1, end)
}

function scanPort(text: string, colon: number, end: number): number {
  if (text.charCodeAt(colon) !== COLON) return ~colon
  let index = colon + 1
  while (index < end && isDigit(text.charCodeAt(index))) index++
  return index === end && index > colon + 1 ? end : ~index
}

/**
 * Reads a repository's path from `start` on, as far as it goes.
 *
 * @returns The index behind it; or the complement (`~`) of the index where a letter or a digit is missing.
 */
export function scanPath(text: string, start: number): number {
  const end = text.length
  let index = start
  for (;;) {
    const word = index
    let char = 0
    while (index < end && isLowerCaseOrDigit((char = text.charCodeAt(index)))) index++
    if (index === word) return ~index
    if (index === end) return end
    if (char === SLASH || char === DOT) index++
    else if (char === UNDERSCORE) index += text.charCodeAt(index + 1) === UNDERSCORE ? 2 : 1
    else if (char === DASH) while (text.charCodeAt(index) === DASH) index++
    else return index
  }
}

// One comparison a range: below it, the difference is negative, and `>>> 0` makes that a large number.

function isDigit(char: number): boolean {
  return (char - 48) >>> 0 < 10
}

function isLowerCaseOrDigit(char: number): boolean {
  return (char - 97) >>> 0 < 26 || isDigit(char)
}

/** Whether a character code is an ASCII letter or digit. */
export function isLetterOrDigit(char: number): boolean {
  // Setting bit 32 makes a capital letter lower case.
  return ((char | 32) - 97) >>> 0 < 26 || isDigit(char)
}

function isHexOrColon(char: number): boolean {
  return ((char | 32) - 97) >>> 0 < 6 || isDigit(char) || char === COLON
}
