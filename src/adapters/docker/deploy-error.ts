import { PullpassError } from '../../errors.js'
import { classifyPullFailure, pullFailureError } from '../../failures/index.js'

/** What the engine's connection can fail with, at any call. */
const connectionCodes = ['ERR_CONNECTION_REFUSED', 'ERR_CONNECTION_LOST', 'ERR_HOST_NOT_FOUND', 'ERR_TIMEOUT']

/** Types what the engine says of creating and starting, which is no pull failure; typed errors stay as they are. */
export function deployError(error: unknown, what: string): PullpassError | TypeError {
  if (error instanceof PullpassError || error instanceof TypeError) return error
  const failure = classifyPullFailure(error)
  if (isConnectionError(error) && connectionCodes.includes(failure.code)) {
    return new PullpassError(failure.code, `The engine cannot be reached: ${failure.message}`, {
      hint: 'Check that the Docker engine runs and that its address (DOCKER_HOST) is right.',
    })
  }
  return new PullpassError('ERR_DEPLOY', `The engine did not launch the ${what}: ${failure.message}`, {
    hint: 'The image was pulled. Check the options of the container against what the engine says.',
    cause: pullFailureError(error),
  })
}

/** Node's own errors have a code; answers of the engine have a status instead. */
function isConnectionError(error: unknown): boolean {
  return typeof (error as { code?: unknown } | null)?.code === 'string'
}
