import { PullpassError } from '../errors.js'
import { type Challenge, parseChallenges } from './challenges.js'
import { isCertificateFailure } from './connection-failure.js'
import type { Endpoint } from './endpoint.js'
import type { HttpResponse } from './http.js'

/** Where a registry answers, and how it wants to be convinced. */
export interface Contact {
  readonly origin: URL
  readonly challenges: readonly Challenge[]
  /** Whether `/v2/` had nothing of a registry about it: 404, and not the header that registries send. */
  readonly isNoRegistry: boolean
}

/** An answer to `GET /v2/`, and which of the endpoint's origins gave it. */
export interface Greeting extends HttpResponse {
  readonly origin: URL
}

/**
 * Says hello at each of a registry's origins until one answers: `GET /v2/`, as Docker does. A bad certificate ends
 * that: plain HTTP is for registries that speak no TLS, not for those that fail at it.
 *
 * @throws What `get` throws, for the last origin; for the first if they fail alike.
 */
export async function greet(endpoint: Endpoint, get: (url: URL) => Promise<HttpResponse>): Promise<Greeting> {
  let failure: Error | undefined
  for (const origin of endpoint.origins) {
    try {
      const response = await get(new URL('/v2/', origin))
      // What a server for HTTPS says to somebody who comes without.
      if (failure !== undefined && response.status === 400) throw failure
      return { ...response, origin }
    } catch (error) {
      if (isFinal(error)) throw error
      if (failure === undefined || codeOf(failure) !== codeOf(error)) failure = error as Error
    }
  }
  throw failure ?? new TypeError('a registry without an origin')
}

/**
 * What a greeting says of the registry. Statuses other than 401 ask for nothing: some registries have nothing at
 * `/v2/` itself, and Docker does not mind.
 */
export function contactFrom({ origin, status, headers }: Greeting): Contact {
  const challenges = status === 401 ? parseChallenges(headers['www-authenticate'] ?? []) : []
  return { origin, challenges, isNoRegistry: status === 404 && !('docker-distribution-api-version' in headers) }
}

/** A proxy that refuses the port of https may let the one of http through. */
function isFinal(error: unknown): boolean {
  return error instanceof PullpassError ? error.code !== 'ERR_PROXY' : isCertificateFailure(error)
}

function codeOf(error: unknown): unknown {
  return (error as NodeJS.ErrnoException | undefined)?.code
}
