import { PullpassError, type PullpassErrorCode } from '../../errors.js'
import { codeOfErrorCode } from '../../failures/error-codes.js'
import { pullFailureError } from '../../failures/index.js'
import { portainerRefusal } from '../../failures/portainer.js'
import { redact } from '../../failures/redact.js'
import { statusOf } from './engine-status.js'

/** Codes of Node's for a socket that is not there, or not for this user: so it stays until somebody does something. */
const closedSocket = ['ENOENT', 'EACCES', 'EPERM']

/**
 * Types what dockerode throws. A status is the engine's answer, about a registry or about what was asked; an error of
 * Node's is about the way to the engine, and says so.
 *
 * @param secrets What was sent, and may be repeated.
 */
export function engineError(error: unknown, secrets: readonly string[] = []): PullpassError {
  const name = nodeCode(error)
  const code = name === undefined ? undefined : codeOnTheWay(name)
  if (isNoEngine(error)) return noEngine(error, secrets)
  if (name === undefined || code === undefined) return pullFailureError(error, { secrets })
  const what =
    code === 'ERR_CONNECTION_LOST' ? 'The connection to the engine broke off' : 'The engine cannot be reached'
  // An error of several attempts has no words of its own.
  const words = redact((error as Partial<Error>).message?.trim() || name)
  return new PullpassError(code, `${what}: ${words}`, { hint: hintFor(code, name), cause: error })
}

/** Whether the error of a way to the engine stays until somebody does something about it. */
export function isForGood(error: unknown): boolean {
  const name = nodeCode((error as { cause?: unknown }).cause)
  return name !== undefined && closedSocket.includes(name)
}

/** Engines say what is wrong as `message`. What a registry or another server says, dockerode makes `[object Object]`. */
export function isNoEngine(error: unknown): boolean {
  if (statusOf(error) === undefined || portainerRefusal(error as object)) return false
  return String((error as { message?: unknown }).message).includes('[object Object]')
}

function noEngine(error: unknown, secrets: readonly string[]): PullpassError {
  const message = `What answers is not a Docker engine: it says HTTP ${String(statusOf(error))}, and not what is wrong`
  const { cause } = pullFailureError(error, { secrets })
  return new PullpassError('ERR_UNKNOWN', message, { hint: hintFor('ERR_UNKNOWN', ''), cause })
}

/** The code of an error of Node's; `undefined` for what the engine answered, and for an error of this library. */
function nodeCode(error: unknown): string | undefined {
  if (error instanceof PullpassError || statusOf(error) !== undefined) return undefined
  const code = (error as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : undefined
}

function codeOnTheWay(name: string): PullpassErrorCode | undefined {
  if (closedSocket.includes(name)) return 'ERR_CONNECTION_REFUSED'
  const code = codeOfErrorCode(name)
  // The HTTP parser, and TLS that is answered in plain text: it is not a registry that is another kind of server.
  return code === 'ERR_REGISTRY_FAULT' || code === 'ERR_PLAIN_HTTP_REGISTRY' ? 'ERR_TLS' : code
}

function hintFor(code: PullpassErrorCode, name: string): string {
  if (name === 'EACCES') {
    return 'This user may not open the socket of the engine: add it to the group of the socket (docker), or run as root.'
  }
  if (code === 'ERR_CONNECTION_LOST') {
    return 'The engine was stopped or restarted, or something between closed the connection: try again.'
  }
  if (code === 'ERR_TLS' || code.startsWith('ERR_CERTIFICATE_')) {
    return 'Check ca, cert and key of the client against those of the engine, and that it speaks TLS on this port.'
  }
  return 'Check that the Docker engine runs, and that its address (DOCKER_HOST) is right.'
}
