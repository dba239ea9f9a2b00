import { formatTrace } from '../../credentials/index.js'
import { PullpassError, type PullpassErrorCode } from '../../errors.js'
import { hintFor, meaningOf } from '../../failures/hints.js'
import type { EngineAuth } from './engine-auth.js'
import { engineError } from './engine-error.js'

/**
 * Says whose pull of what failed, and what was tried for credentials where they are what is missing. Runtimes use one
 * wording for missing and for wrong credentials; which of them it was is known here.
 *
 * @param insecure What the engine lacks to speak to an insecure registry.
 */
export function pullError(error: unknown, name: string, auth: EngineAuth, insecure?: string): PullpassError {
  const failure = knowing(auth.config !== undefined, engineError(error, auth.secrets))
  const user = auth.username === undefined ? '' : ` of user '${auth.username}'`
  const who = auth.config ? `with the credentials${user} (${auth.source})` : 'without credentials'
  const isTried = !auth.config && refusals.includes(failure.code) && auth.trace.length > 0
  const tried = isTried ? `\n${formatTrace(auth.trace)}` : ''
  const { code, cause } = failure
  const isUntold = code === 'ERR_AUTHENTICATION_REQUIRED' && auth.trace.length === 0
  const own = isUntold ? NOWHERE_TO_LOOK : failure.hint
  const hint = insecure !== undefined && transportCodes.includes(code) ? `${insecure}.` : own
  return new PullpassError(code, `Pulling ${name} ${who}: ${failure.message}${tried}`, { hint, cause })
}

/** Neither settings nor a login help a program that looks at neither. */
const NOWHERE_TO_LOOK =
  'Pass credentials: username and password for this registry, or defaultCredentials(settings), which looks in the ' +
  'settings and for what docker login left.'

/** What a registry says to who offers nothing. */
const refusals: readonly PullpassErrorCode[] = ['ERR_AUTHENTICATION_REQUIRED', 'ERR_ACCESS_DENIED']

/** What an engine ends with that does not take a registry for an insecure one. */
const transportCodes: readonly PullpassErrorCode[] = [
  'ERR_PLAIN_HTTP_REGISTRY',
  'ERR_CERTIFICATE_UNKNOWN_AUTHORITY',
  'ERR_CERTIFICATE_HOST_MISMATCH',
  'ERR_CERTIFICATE_EXPIRED',
  'ERR_TLS',
]

function knowing(offered: boolean, failure: PullpassError): PullpassError {
  const code = codeKnowing(offered, failure.code)
  if (code === failure.code) return failure
  const message = failure.message.replace(meaningOf(failure.code), meaningOf(code))
  return new PullpassError(code, message, { hint: hintFor(code, { retryable: false }), cause: failure.cause })
}

function codeKnowing(offered: boolean, code: PullpassErrorCode): PullpassErrorCode {
  if (!offered && code === 'ERR_UNAUTHORIZED') return 'ERR_AUTHENTICATION_REQUIRED'
  if (offered && code === 'ERR_AUTHENTICATION_REQUIRED') return 'ERR_UNAUTHORIZED'
  return code
}
