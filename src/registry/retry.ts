import type { IncomingHttpHeaders } from 'node:http'
import { PullpassError, type PullpassErrorCode } from '../errors.js'
import type { Logger } from '../logger.js'
import type { RetrySettings } from '../settings/types.js'
import { type HttpResponse, shownUrl } from './http.js'

/** No wait is longer than this, in seconds. A server that asks for more is not asked again. */
const LONGEST_WAIT = 60

/** What retrying needs of the world; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly random: () => number
  /** Waits; rejects with the signal's reason as soon as it is aborted. */
  readonly wait: (seconds: number, signal: AbortSignal) => Promise<void>
}

/** How patiently an exchange is tried again. */
export interface Patience {
  readonly retry: RetrySettings
  readonly clock: Clock
  readonly signal: AbortSignal
  /** In milliseconds of `clock.now()`. A wait that would end later is not begun. */
  readonly endsAt: number
  readonly logger: Logger | undefined
}

/**
 * Tries an exchange until it ends in something else than a failure that may pass: a lost or refused connection, a
 * 408, a 429 or a 5xx. Waits as long as `Retry-After` says, else twice as long each time, give or take a fifth.
 *
 * @returns The last answer, whatever its status.
 * @throws What the last attempt threw, or the signal's reason.
 */
export async function withRetry<T extends HttpResponse>(attempt: () => Promise<T>, patience: Patience): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    const outcome = await outcomeOf(attempt)
    if (!outcome.mayPass || failures >= patience.retry.attempts) return settle(outcome)
    const seconds = waitBefore(outcome, failures, patience)
    const endsInTime = patience.clock.now() + seconds * 1000 < patience.endsAt
    if (seconds > LONGEST_WAIT || !endsInTime) return settle(outcome)
    patience.logger?.debug({ seconds, ...reasonOf(outcome) }, 'Waiting before the registry is asked again')
    await patience.clock.wait(seconds, patience.signal)
  }
}

type Outcome<T = HttpResponse> =
  { readonly mayPass: boolean; readonly response: T } | { readonly mayPass: boolean; readonly error: unknown }

async function outcomeOf<T extends HttpResponse>(attempt: () => Promise<T>): Promise<Outcome<T>> {
  try {
    const response = await attempt()
    return { response, mayPass: response.status === 408 || response.status === 429 || response.status >= 500 }
  } catch (error) {
    return { error, mayPass: isConnectionFailure(error) }
  }
}

function settle<T>(outcome: Outcome<T>): T {
  if ('response' in outcome) return outcome.response
  throw outcome.error
}

function waitBefore(outcome: Outcome, failures: number, { retry, clock }: Patience): number {
  const asked = 'response' in outcome ? retryAfter(outcome.response.headers, clock.now()) : undefined
  // Everybody who was told the same would come back at the same moment.
  if (asked !== undefined)
    return asked > LONGEST_WAIT ? asked : Math.min(asked * (1 + 0.1 * clock.random()), LONGEST_WAIT)
  return Math.min(retry.delay * 2 ** failures * (0.8 + 0.4 * clock.random()), LONGEST_WAIT)
}

function reasonOf(outcome: Outcome): Record<string, unknown> {
  if ('response' in outcome) return { url: shownUrl(outcome.response.url), status: outcome.response.status }
  return { failure: codeOf(outcome.error) ?? 'unknown' }
}

/** The seconds that a `Retry-After` header asks for, in seconds or as a date (RFC 9110, 10.2.3). */
export function retryAfter(headers: IncomingHttpHeaders, now: number = Date.now()): number | undefined {
  const value = headers['retry-after']?.trim()
  if (value === undefined || value === '') return undefined
  if (/^\d+$/.test(value)) return Number(value)
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000)
}

const connectionCodes = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN'],
  ...['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'ENETRESET'],
  ...['UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'],
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
])

const connectionFailures: readonly PullpassErrorCode[] = [
  'ERR_CONNECTION_REFUSED',
  'ERR_CONNECTION_LOST',
  'ERR_TIMEOUT',
  'ERR_PROXY_UNREACHABLE',
]

/** Whether a connection could not be had or broke, for a reason that may pass. Bad certificates do not pass. */
export function isConnectionFailure(error: unknown): boolean {
  if (error instanceof PullpassError) return connectionFailures.includes(error.code)
  const code = codeOf(error)
  return code !== undefined && connectionCodes.has(code)
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { code } = error as NodeJS.ErrnoException
  return typeof code === 'string' ? code : undefined
}
