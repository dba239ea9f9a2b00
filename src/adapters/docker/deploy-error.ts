import { PullpassError } from '../../errors.js'
import { engineError } from './engine-error.js'

/** Types what the engine says of creating and starting, which is no pull failure; typed errors stay as they are. */
export function deployError(error: unknown, what: string): PullpassError | TypeError {
  if (error instanceof PullpassError || error instanceof TypeError) return error
  const failure = engineError(error)
  // What the engine answers has a status; everything else is about the way to it.
  const isAnswer = typeof (error as { statusCode?: unknown }).statusCode === 'number'
  if (!isAnswer || failure.code === 'ERR_PORTAINER') return failure
  return new PullpassError('ERR_DEPLOY', `The engine did not launch the ${what}: ${wordsOf(error)}`, {
    hint: 'The image is there. Check the options against what the engine says.',
    cause: failure.cause,
  })
}

function wordsOf(error: unknown): string {
  const { json, message } = error as { json?: { message?: unknown } | null; message?: unknown }
  return String(json?.message ?? message).trim()
}
