import { PullpassError, type PullpassErrorCode } from '../errors.js'
import { portainerRefusal } from './portainer.js'
import { isObject, read, readString } from './read.js'
import type { Statement } from './statement.js'
import { cut } from './text.js'

/** How many errors of a chain are looked at: `cause`, `errors`, what a response said. */
const LONGEST_CHAIN = 32

/** Where an engine, a registry, a token service or a stream puts its words, and where errors put other errors. */
const wordFields = ['message', 'error', 'Err', 'details', 'note'] as const
const errorFields = ['errorDetail', 'json', 'body', 'error', 'errors', 'Status', 'cause'] as const

interface Chain {
  readonly words: string[]
  readonly codes: string[]
  readonly seen: Set<object>
  status?: number | undefined
  retryAfter?: string | undefined
  own?: { readonly code: PullpassErrorCode; readonly hint?: string | undefined }
}

/** An error, a line of a stream, or the body of an answer, with everything that it wraps, as one statement. */
export function errorStatement(value: object): Statement {
  const chain: Chain = { words: [], codes: [], seen: new Set() }
  follow(value, chain)
  const { words, codes, status, retryAfter, own } = chain
  return { words: words.join(': '), codes, status, retryAfter, ...(own && { own }) }
}

function follow(value: unknown, chain: Chain): void {
  if (typeof value === 'string') {
    addWords(value, chain)
    return
  }
  if (typeof value !== 'object' || value === null || chain.seen.has(value)) return
  if (chain.seen.size >= LONGEST_CHAIN) return
  chain.seen.add(value)
  if (Array.isArray(value)) {
    for (let i = 0; i < Math.min(value.length, LONGEST_CHAIN); i++) follow(read(value, i), chain)
    return
  }
  if (own(value, chain) || ofPortainer(value, chain)) return
  addCode(value, chain)
  addAnswer(value, chain)
  // An answer's own words are in its body; the error around it repeats them, with a prefix or with all its headers.
  const hasAnswer = addAnswerWords(value, chain)
  for (const field of hasAnswer ? [] : wordFields) {
    const words = readString(value, field)
    if (words !== undefined) addWords(withRegistryCode(value, words), chain)
  }
  for (const field of errorFields) {
    const inner = read(value, field)
    if (typeof inner === 'object') follow(inner, chain)
  }
}

/** An error of this library is final: it knows more than its words tell. */
function own(value: object, chain: Chain): boolean {
  if (!isOwn(value)) return false
  chain.own ??= { code: value.code, hint: readString(value, 'hint') }
  addWords(readString(value, 'message') ?? '', chain)
  // Its words are enough; the codes behind it tell whether it may pass.
  follow(read(value, 'cause'), { ...chain, words: [] })
  return true
}

/** Another copy of this package has another class. */
function isOwn(value: object): value is { readonly code: PullpassErrorCode } {
  if (value instanceof PullpassError) return true
  return readString(value, 'name') === 'PullpassError' && readString(value, 'code')?.startsWith('ERR_') === true
}

function ofPortainer(value: object, chain: Chain): boolean {
  const refusal = portainerRefusal(value)
  if (!refusal) return false
  chain.own ??= { code: 'ERR_PORTAINER', hint: refusal.hint }
  addWords(refusal.words, chain)
  return true
}

function addCode(value: object, { codes }: Chain): void {
  const code = readString(value, 'code')
  if (code !== undefined) codes.push(code)
  const name = readString(value, 'name')
  if (name === 'TimeoutError') codes.push(name)
}

/** undici's errors carry what the registry answered. An engine's own status says little: it is nearly always 500. */
function addAnswer(value: object, chain: Chain): void {
  const headers = read(value, 'headers')
  const retryAfter = isObject(headers) ? (read(headers, 'retry-after') ?? read(headers, 'Retry-After')) : undefined
  if (typeof retryAfter === 'string' || typeof retryAfter === 'number') chain.retryAfter ??= String(retryAfter)
  const code = readString(value, 'code')
  const status = read(value, 'statusCode')
  if (code?.startsWith('UND_ERR_RE') === true && typeof status === 'number') chain.status ??= status
}

/** docker-modem's `json` and client-node's `body`; false where there is none, or none with words. */
function addAnswerWords(value: object, chain: Chain): boolean {
  const before = chain.words.length
  const body = read(value, 'body')
  if (typeof body === 'string') follow(parsed(body) ?? body, chain)
  const json = read(value, 'json')
  if (typeof json === 'string' || isObject(json)) follow(json, chain)
  return chain.words.length > before
}

/** The value of a JSON text, or undefined where it is none. */
export function parsed(text: string): unknown {
  const first = text.trimStart()[0]
  if (first !== '{' && first !== '[') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** `{ code: 'MANIFEST_UNKNOWN', message }` of a registry, as Docker would put it: `manifest unknown: message`. */
function withRegistryCode(value: object, words: string): string {
  const code = readString(value, 'code')
  if (code === undefined || value instanceof Error || readString(value, 'stack') !== undefined) return words
  return `${code.toLowerCase().replaceAll('_', ' ')}: ${words}`
}

function addWords(words: string, chain: Chain): void {
  const plain = withoutModemPrefix(cut(words)).trim()
  if (plain !== '' && !chain.words.some((others) => others.includes(plain))) chain.words.push(plain)
}

/** docker-modem: `(HTTP code 500) server error - words`. The status is the engine's, not a registry's. */
function withoutModemPrefix(words: string): string {
  if (!words.startsWith('(HTTP code ')) return words
  const end = words.indexOf(' - ')
  return end < 0 || end > 100 ? words : words.slice(end + ' - '.length)
}
