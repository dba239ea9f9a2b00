import { PullpassError } from '../errors.js'
import { classify } from './classify.js'
import { readString } from './read.js'
import { redact } from './redact.js'
import { cut } from './text.js'

/** How much of an error's message is kept. */
const LONGEST_CAUSE = 4096

/** Options of {@link pullFailureError}. */
export interface PullFailureErrorOptions {
  /** What was sent, such as a password: it is cut out of what the runtime says. */
  readonly secrets?: readonly string[] | undefined
}

/**
 * The same as `classifyPullFailure`, as an error to throw. Its cause is an error with the name and the message of the one
 * that was given, without secrets; not itself, since a client's error can hold the request with its headers.
 *
 * @param input What a runtime said, in any form. An error of this library is returned as it is.
 */
export function pullFailureError(input: unknown, { secrets = [] }: PullFailureErrorOptions = {}): PullpassError {
  const error = asError(input)
  if (error instanceof PullpassError) return error
  const { code, message, hint } = classify(input, secrets)
  const cause = error && withoutSecrets(error, secrets)
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
function withoutSecrets(error: Error, secrets: readonly string[]): Error {
  const copy = new Error(redact(cut(readString(error, 'message') ?? '', LONGEST_CAUSE), secrets))
  copy.name = readString(error, 'name') ?? copy.name
  copy.stack = `${copy.name}: ${copy.message}`
  return copy
}
