import { PullpassError } from '../errors.js'
import { classifyPullFailure } from './classify.js'
import { readString } from './read.js'
import { redact } from './redact.js'

/** A longer one is left out, since half a secret cannot be known by its form. */
const LONGEST_CAUSE = 4096

/**
 * The same as {@link classifyPullFailure}, as an error to throw.
 *
 * @param input What a runtime said, in any form. An error of this library is returned as it is.
 * @param options `cause`: the error behind it, which must hold no secret. Default: for an error, one with its name and
 * its message without secrets. Not itself, since a client's error can hold the request with its headers.
 */
export function pullFailureError(input: unknown, options: { readonly cause?: unknown } = {}): PullpassError {
  const error = asError(input)
  if (error instanceof PullpassError) return error
  const { code, message, hint } = classifyPullFailure(input)
  const cause = 'cause' in options ? options.cause : error && withoutSecrets(error)
  return new PullpassError(code, message, { hint, ...(cause !== undefined && { cause }) })
}

function asError(input: unknown): Error | undefined {
  try {
    return input instanceof Error ? input : undefined
  } catch {
    // A revoked proxy throws at whatever is done with it.
    return undefined
  }
}

/** The stack begins with the message as it was, so it is not kept either. */
function withoutSecrets(error: Error): Error {
  const copy = new Error(redact((readString(error, 'message') ?? '').slice(0, LONGEST_CAUSE)))
  copy.name = readString(error, 'name') ?? copy.name
  copy.stack = `${copy.name}: ${copy.message}`
  return copy
}
