import { PullpassError } from '../../errors.js'
import { redact } from '../../failures/redact.js'
import { engineError } from './engine-error.js'
import { statusOf } from './engine-status.js'

/**
 * Types what the engine says of creating and starting, which is no pull failure; typed errors stay as they are.
 *
 * @param env The variables that were sent: the engine repeats one that it does not like.
 */
export function deployError(error: unknown, what: string, env: readonly string[] = []): PullpassError | TypeError {
  if (error instanceof PullpassError || error instanceof TypeError) return error
  const secrets = env.map((entry) => entry.slice(entry.indexOf('=') + 1))
  const failure = engineError(error, secrets)
  // What the engine answers has a status; everything else is about the way to it.
  if (statusOf(error) === undefined || failure.code === 'ERR_PORTAINER') return failure
  const words = redact(wordsOf(error), secrets)
  return new PullpassError('ERR_DEPLOY', `The engine did not launch the ${what}: ${words}`, {
    hint: 'The image is there. Check the options against what the engine says.',
    cause: failure.cause,
  })
}

function wordsOf(error: unknown): string {
  const { json, message } = error as { json?: { message?: unknown } | null; message?: unknown }
  return String(json?.message ?? message).trim()
}
