import { secondsOfRetryAfter } from '../../retry.js'

/** One reason among several, as a `Status` lists them. */
export interface StatusCause {
  readonly reason: string
  readonly message: string
  readonly field: string
}

/** What a failed request said: the `Status` object of the API server, or what there is instead. */
export interface Status {
  /** HTTP status; 0 when there was no answer. */
  readonly code: number
  readonly reason: string
  /** At most 500 characters, on one line. */
  readonly message: string
  /** What it is about: `namespaces`, `secrets`. */
  readonly kind: string
  readonly name: string
  readonly causes: readonly StatusCause[]
  /** Seconds. */
  readonly retryAfter: number | undefined
}

/**
 * Reads what client-node threw: its `ApiException`, told by its shape since the class is the user's, or any error.
 *
 * @param now Milliseconds since 1970.
 */
export function readStatus(thrown: unknown, now: number): Status {
  const error = record(thrown)
  if (typeof error['code'] !== 'number' || !('headers' in error)) return noAnswer(thrown)
  const body = parse(error['body'])
  const details = record(body['details'])
  const causes = Array.isArray(details['causes']) ? (details['causes'] as unknown[]).map(readCause) : []
  return {
    code: error['code'],
    reason: text(body['reason']),
    message: line(text(body['message'])),
    kind: text(details['kind']),
    name: text(details['name']),
    causes,
    retryAfter: retryAfter(record(error['headers'])['retry-after'] ?? details['retryAfterSeconds'], now),
  }
}

/** Whether the connection failed, rather than something of the user's or ours before it. */
export function isConnectionFailure(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false
  // undici's fetch; the rest when an answer breaks off, which JSON.parse may be the first to see.
  if (thrown instanceof TypeError && ['fetch failed', 'terminated'].includes(thrown.message)) return true
  return thrown instanceof SyntaxError || thrown.name === 'TimeoutError'
}

function noAnswer(thrown: unknown): Status {
  return { code: 0, reason: '', message: line(wordsOf(thrown)), kind: '', name: '', causes: [], retryAfter: undefined }
}

function wordsOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return ''
  // Its message quotes what could not be parsed, which may hold a secret.
  if (thrown instanceof SyntaxError) return 'the answer broke off'
  const { code, message } = record(thrown.cause)
  const words = text(message) || thrown.message
  return typeof code === 'string' && !words.includes(code) ? `${code}: ${words}` : words
}

function readCause(cause: unknown): StatusCause {
  const { reason, message, field } = record(cause)
  return { reason: text(reason), message: line(text(message)), field: line(text(field)) }
}

function parse(body: unknown): Record<string, unknown> {
  if (typeof body !== 'string') return record(body)
  try {
    return record(JSON.parse(body))
  } catch {
    return {}
  }
}

/** Of the header it is a text, of the body a number. */
function retryAfter(value: unknown, now: number): number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? secondsOfRetryAfter(String(value), now) : undefined
}

function line(words: string): string {
  const plain = words
    .slice(0, 2000)
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
  return plain.length > 500 ? `${plain.slice(0, 500)}…` : plain
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
