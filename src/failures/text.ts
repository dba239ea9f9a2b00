/** What was said, made ready for the rules. */
export interface Said {
  /** In lower case: runtimes and registries disagree about capitals. */
  readonly text: string
  /** As it was said, without white space around it. */
  readonly raw: string
  /** The HTTP status that a registry, a token service or a proxy answered, where the words tell. */
  readonly status: number | undefined
  /** Whether kubelet said it. */
  readonly kubelet: boolean
}

/** A condition of a rule. */
export type Condition = (said: Said) => boolean

/** How much of a text is looked at, in UTF-16 units. An engine's words are some hundred characters. */
export const LONGEST_TEXT = 65_536

/** At most so much of a text. Where it was cut, half a word is left out: half a secret has no form to know it by. */
export function cut(text: string, limit: number = LONGEST_TEXT): string {
  if (text.length <= limit) return text
  const start = text.slice(0, Math.max(0, limit))
  return start.slice(0, Math.max(0, start.lastIndexOf(' '), start.lastIndexOf('\n')))
}

/** Prepares words for the rules. `status` is one known from elsewhere than the words. */
export function said(words: string, kubelet = false, status?: number): Said {
  const raw = cut(words).trim()
  const text = raw.toLowerCase()
  return { text, raw, status: status ?? statusIn(text), kubelet }
}

/** Any of the phrases stands somewhere. With a space in it, a phrase cannot be part of a name or a URL. */
export function says(...phrases: readonly string[]): Condition {
  return ({ text }) => phrases.some((phrase) => text.includes(phrase))
}

/** Any of the words begins a part of a message, as Go joins them: `outer: word: inner`. Not where a name has it. */
export function part(...words: readonly string[]): Condition {
  return ({ text }) => words.some((word) => hasPart(text, word))
}

/** The text ends so, letter by letter. */
export function ends(...endings: readonly string[]): Condition {
  return ({ raw }) => endings.some((ending) => raw.endsWith(ending))
}

/** The text begins so. */
export function begins(...beginnings: readonly string[]): Condition {
  return ({ text }) => beginnings.some((beginning) => text.startsWith(beginning))
}

/** The registry answered with this status. */
export function answered(...statuses: readonly number[]): Condition {
  return ({ status }) => status !== undefined && statuses.includes(status)
}

/** All of the conditions hold. */
export function all(...conditions: readonly Condition[]): Condition {
  return (words) => conditions.every((condition) => condition(words))
}

/** Any of the conditions holds. */
export function any(...conditions: readonly Condition[]): Condition {
  return (words) => conditions.some((condition) => condition(words))
}

/** The condition does not hold. */
export function not(condition: Condition): Condition {
  return (words) => !condition(words)
}

function hasPart(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
    const starts = at === 0 || text[at - 1] === '\n' || (text[at - 1] === ' ' && text[at - 2] === ':')
    // A stop or a colon inside of a word is one of a host's name: `denied.example.com:5000`.
    const [next = ' ', beyond = ' '] = text.slice(at + word.length, at + word.length + 2)
    const stops = ' ,\n'.includes(next) || ('.:'.includes(next) && ' \n'.includes(beyond))
    if (starts && stops) return true
  }
  return false
}

/** What comes before a status in the words of Docker, containers/image (Podman, CRI-O) and containerd. */
const beforeStatus = ['http status', 'status code', 'statuscode:', 'error parsing http', 'unexpected status']

/** Statuses that say enough by their name alone. `404 Not Found` does not: it is the title of many a web page. */
const namedStatuses: readonly (readonly [number, string])[] = [
  [401, '401 unauthorized'],
  [403, '403 forbidden'],
  [429, '429 too many requests'],
  [500, '500 internal server error'],
  [502, '502 bad gateway'],
  [503, '503 service unavailable'],
  [504, '504 gateway timeout'],
]

function statusIn(text: string): number | undefined {
  for (const words of beforeStatus) {
    const at = text.indexOf(words)
    const status = at < 0 ? undefined : firstStatus(text, at + words.length)
    if (status !== undefined) return status
  }
  return namedStatuses.find(([, name]) => text.includes(name))?.[0]
}

/** How far behind its introduction a status may stand: a URL is in between. */
const STATUS_DISTANCE = 4096

function firstStatus(text: string, from: number): number | undefined {
  // The number stands alone: a tag, a port or a path can be three digits too.
  for (const word of text.slice(from, from + STATUS_DISTANCE).split(/[ \n]/)) {
    const digits = word.endsWith(',') || word.endsWith(':') ? word.slice(0, -1) : word
    if (isStatus(digits)) return Number(digits)
  }
  return undefined
}

function isStatus(word: string): boolean {
  return /^[1-5]\d\d$/.test(word)
}

/** Whether a number of a server's own failure (500 to 599) stands alone in the words. */
export function namesServerError(text: string): boolean {
  return text.split(/[ \n(),.:;]/).some((word) => word.startsWith('5') && isStatus(word))
}
