import { PullpassError, type PullpassErrorCode } from '../../errors.js'
import { codeOfErrorCode } from '../../failures/error-codes.js'
import { pullFailureError } from '../../failures/index.js'
import { redact } from '../../failures/redact.js'
import { statusOf } from './engine-status.js'

/** What the codes of Node's errors mean for an engine, where that is another thing than for a registry. */
const codes: Readonly<Record<string, PullpassErrorCode>> = {
  ENOENT: 'ERR_CONNECTION_REFUSED',
  EACCES: 'ERR_CONNECTION_REFUSED',
  EPERM: 'ERR_CONNECTION_REFUSED',
}

const UNREACHABLE = 'Check that the Docker engine runs, and that its address (DOCKER_HOST) is right.'

const hints: Readonly<Partial<Record<string, string>>> = {
  EACCES:
    'This user may not open the socket of the engine: add it to the group of the socket (docker), or run as root.',
  ERR_CONNECTION_LOST: 'The engine was stopped or restarted, or something between closed the connection: try again.',
  TLS: 'Check ca, cert and key of the client against those of the engine, and that the engine speaks TLS on this port.',
}

/**
 * Types what dockerode throws. A status is the engine's answer, about a registry or about what was asked; an error of
 * Node's is about the way to the engine, and says so.
 *
 * @param secrets What was sent, and may be repeated.
 */
export function engineError(error: unknown, secrets: readonly string[] = []): PullpassError {
  const found = error instanceof PullpassError || statusOf(error) !== undefined ? undefined : wayToEngine(error)
  if (found === undefined) return pullFailureError(error, { secrets })
  const { code, name } = found
  const isTls = code.startsWith('ERR_CERTIFICATE') || code === 'ERR_TLS'
  const what =
    code === 'ERR_CONNECTION_LOST' ? 'The connection to the engine broke off' : 'The engine cannot be reached'
  // An error of several attempts has no words of its own.
  const words = redact((error as Error).message || name)
  return new PullpassError(code, `${what}: ${words}`, {
    hint: hints[name] ?? hints[isTls ? 'TLS' : code] ?? UNREACHABLE,
    cause: error,
  })
}

/** Whether the error of a way to the engine stays until somebody does something about it. */
export function isForGood(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: unknown } | undefined }
  return typeof cause?.code === 'string' && Object.hasOwn(codes, cause.code)
}

function wayToEngine(error: unknown): { code: PullpassErrorCode; name: string } | undefined {
  const name = (error as { code?: unknown } | null | undefined)?.code
  if (typeof name !== 'string') return undefined
  const code = codes[name] ?? codeOfErrorCode(name)
  if (code === undefined) return undefined
  // The HTTP parser, and TLS that is answered in plain text: what answers is another kind of server.
  return { code: code === 'ERR_REGISTRY_FAULT' || code === 'ERR_PLAIN_HTTP_REGISTRY' ? 'ERR_TLS' : code, name }
}
