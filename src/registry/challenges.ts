/** One challenge of a `WWW-Authenticate` header: how a server wants to be convinced. */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string
  /** Names in lower case, values unquoted. The last of several with one name counts. */
  readonly parameters: Readonly<Record<string, string>>
}

/**
 * Reads the values of `WWW-Authenticate` headers, in order. Each challenge is read as Go's
 * `distribution/registry/client/auth/challenge` reads the first of a line (RFC 9110 without blanks around `=`;
 * parameters end where something is malformed); where that package keeps one challenge a line, this finds the others
 * too. A line that does not start with a scheme holds none. Takes time linear in the length; never throws.
 */
export function parseChallenges(headers: string | readonly string[]): Challenge[] {
  return (typeof headers === 'string' ? [headers] : headers).flatMap(challengesOfLine)
}

function challengesOfLine(line: string): Challenge[] {
  const found: Challenge[] = []
  let at: number | undefined = 0
  while (at !== undefined) {
    const afterScheme = endOfToken(line, at)
    if (afterScheme === at) break
    const { parameters, end } = readParameters(line, afterScheme)
    found.push({ scheme: line.slice(at, afterScheme).toLowerCase(), parameters })
    at = nextChallenge(line, end)
  }
  return found
}

/** Parameters from behind a scheme up to where they end or stop making sense; `end` is that place. */
function readParameters(line: string, start: number): { parameters: Record<string, string>; end: number } {
  const parameters = new Map<string, string>()
  let end = skipBlanks(line, start)
  for (let at = end; ; at = skipBlanks(line, end + 1)) {
    const afterName = endOfToken(line, at)
    if (afterName === at || line[afterName] !== '=') break
    const value = readValue(line, afterName + 1)
    if (value.text === '') {
      end = value.end
      break
    }
    parameters.set(line.slice(at, afterName).toLowerCase(), value.text)
    end = skipBlanks(line, value.end)
    if (line[end] !== ',') break
  }
  // From a Map, because a parameter may be called __proto__.
  return { parameters: parameters.size === 0 ? {} : Object.fromEntries(parameters), end }
}

/** A token or a quoted string; empty where there is none. */
function readValue(line: string, start: number): { text: string; end: number } {
  if (line[start] !== '"') {
    const end = endOfToken(line, start)
    return { text: line.slice(start, end), end }
  }
  const end = endOfQuoted(line, start)
  if (end === undefined) return { text: '', end: line.length }
  const inner = line.slice(start + 1, end - 1)
  return { text: inner.includes('\\') ? unescape(inner) : inner, end }
}

function unescape(text: string): string {
  const parts: string[] = []
  let from = 0
  for (let at = text.indexOf('\\'); at !== -1; at = text.indexOf('\\', at + 2)) {
    parts.push(text.slice(from, at))
    from = at + 1
  }
  parts.push(text.slice(from))
  return parts.join('')
}

/**
 * Where the next challenge of the line starts: behind a comma outside quotes, a token that no `=` follows. Anything
 * else there is a parameter, or rubbish, of the challenge before.
 */
function nextChallenge(line: string, start: number): number | undefined {
  let at = start
  while (at < line.length) {
    if (line[at] === '"') {
      const end = endOfQuoted(line, at)
      if (end === undefined) return undefined
      at = end
    } else if (line[at] === ',') {
      at = skipBlanks(line, at + 1)
      const end = endOfToken(line, at)
      if (end > at && isEndOfScheme(line, end)) return at
      at = end
    } else {
      at += 1
    }
  }
  return undefined
}

function isEndOfScheme(line: string, end: number): boolean {
  const next = skipBlanks(line, end)
  if (next === line.length || line[next] === ',') return true
  return next > end && line[next] !== '='
}

/** Behind the closing quote of the string that opens at `start`. */
function endOfQuoted(line: string, start: number): number | undefined {
  for (let at = start + 1; at < line.length; at += 1) {
    if (line[at] === '"') return at + 1
    if (line[at] === '\\') at += 1
  }
  return undefined
}

function endOfToken(line: string, start: number): number {
  let at = start
  while (at < line.length && isTokenCharacter(line.charCodeAt(at))) at += 1
  return at
}

/** Visible ASCII but for Go's separators, which are RFC 2616's: `"(),/:;<=>?@[\\]{}`. */
function isTokenCharacter(code: number): boolean {
  if (code <= 0x20 || code >= 0x7f) return false
  const isLetterOrDigit = (code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a)
  return isLetterOrDigit || "!#$%&'*+-.^_`|~".includes(String.fromCharCode(code))
}

function skipBlanks(line: string, start: number): number {
  let at = start
  while (line[at] === ' ' || line[at] === '\t' || line[at] === '\r' || line[at] === '\n') at += 1
  return at
}
