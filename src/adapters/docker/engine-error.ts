import { PullpassError, type PullpassErrorCode } from '../../errors.js'
import { pullFailureError } from '../../failures/index.js'

const codes: Readonly<Record<string, PullpassErrorCode>> = {
  ENOENT: 'ERR_CONNECTION_REFUSED',
  ECONNREFUSED: 'ERR_CONNECTION_REFUSED',
  EACCES: 'ERR_CONNECTION_REFUSED',
  EPERM: 'ERR_CONNECTION_REFUSED',
  ECONNRESET: 'ERR_CONNECTION_LOST',
  EPIPE: 'ERR_CONNECTION_LOST',
}

const hints: Readonly<Record<string, string>> = {
  EACCES:
    'This user may not open the socket of the engine: add it to the group of the socket (docker), or run as root.',
  ECONNRESET: 'The engine was stopped or restarted, or something between closed the connection: try again.',
}

/**
 * Types what dockerode throws. A status is the engine's answer, about a registry or about what was asked; an error of
 * Node's is about the way to the engine, and says so.
 */
export function engineError(error: unknown): PullpassError {
  const code = (error as { code?: unknown } | null)?.code
  const known = typeof code === 'string' && !(error instanceof PullpassError) ? codes[code] : undefined
  if (known === undefined) return pullFailureError(error)
  const what =
    known === 'ERR_CONNECTION_LOST' ? 'The connection to the engine broke off' : 'The engine cannot be reached'
  return new PullpassError(known, `${what}: ${(error as Error).message}`, {
    hint: hints[String(code)] ?? 'Check that the Docker engine runs, and that its address (DOCKER_HOST) is right.',
    cause: error,
  })
}
