import type { Clock } from '../clock.js'
import { PullpassError, type PullpassErrorCode } from '../errors.js'
import type { Logger } from '../logger.js'
import { retry, secondsOfRetryAfter } from '../retry.js'
import type { RetrySettings } from '../settings/types.js'
import { type HttpResponse, shownUrl } from './http.js'

/** How patiently an exchange is tried again. */
export interface Patience {
  readonly retry: RetrySettings
  readonly clock: Clock
  readonly signal: AbortSignal
  /** In milliseconds of `clock.now()`. A wait that would end later is not begun. */
  readonly endsAt: number
  readonly logger: Logger | undefined
}

/** An answer that may be another one next time. */
class Refusal extends Error {
  readonly response: HttpResponse

  constructor(response: HttpResponse) {
    super()
    this.response = response
  }
}

/**
 * Tries an exchange until it ends in something else than a failure that may pass: a lost or refused connection, a
 * 408, a 429 or a 5xx. Waits as long as `Retry-After` says, unless that is too long.
 *
 * @returns The last answer, whatever its status.
 * @throws What the last attempt threw, or the signal's reason.
 */
export async function patiently<T extends HttpResponse>(attempt: () => Promise<T>, patience: Patience): Promise<T> {
  const { retry: settings, clock, signal, endsAt, logger } = patience
  const refusable = async (): Promise<T> => {
    const response = await attempt()
    if (response.status === 408 || response.status === 429 || response.status >= 500) throw new Refusal(response)
    return response
  }
  try {
    return await retry(refusable, {
      settings,
      clock,
      signal,
      endsAt,
      mayPass: (error) => error instanceof Refusal || isConnectionFailure(error),
      asks: (error) => {
        return error instanceof Refusal
          ? secondsOfRetryAfter(error.response.headers['retry-after'], clock.now())
          : undefined
      },
      onWait: (error, seconds) =>
        logger?.debug({ seconds, ...reasonOf(error) }, 'Waiting before the registry is asked again'),
    })
  } catch (error) {
    if (error instanceof Refusal) return error.response as T
    throw error
  }
}

function reasonOf(error: unknown): Record<string, unknown> {
  if (error instanceof Refusal) return { url: shownUrl(error.response.url), status: error.response.status }
  return { failure: codeOf(error) ?? 'unknown' }
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
function isConnectionFailure(error: unknown): boolean {
  if (error instanceof PullpassError) return connectionFailures.includes(error.code)
  const code = codeOf(error)
  return code !== undefined && connectionCodes.has(code)
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { code } = error as NodeJS.ErrnoException
  return typeof code === 'string' ? code : undefined
}
