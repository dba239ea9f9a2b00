import { PullpassError } from '../../errors.js'
import { redact } from '../../failures/redact.js'
import { engineError, isNoEngine } from './engine-error.js'
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
  if (statusOf(error) === undefined || isNoEngine(error) || failure.code === 'ERR_PORTAINER') return failure
  const words = redact(wordsOf(error), secrets)
  return new PullpassError('ERR_DEPLOY', `The engine did not launch the ${what}: ${words}`, {
    hint: hintFor(words),
    cause: failure.cause,
  })
}

function hintFor(words: string): string {
  if (words.includes('not a swarm manager')) {
    return 'Ask a manager of the swarm, not a worker. On an engine of its own, docker swarm init makes one.'
  }
  return 'Check the options against what the engine says.'
}

function wordsOf(error: unknown): string {
  const { json, message } = error as { json?: { message?: unknown } | null; message?: unknown }
  return String(json?.message ?? message).trim()
}
