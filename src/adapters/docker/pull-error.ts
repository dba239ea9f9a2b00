import { formatTrace } from '../../credentials/index.js'
import { PullpassError, type PullpassErrorCode } from '../../errors.js'
import { hintFor, meaningOf } from '../../failures/hints.js'
import type { EngineAuth } from './engine-auth.js'
import { engineError } from './engine-error.js'

/**
 * Says whose pull of what failed, and what was tried for credentials where they are what is missing. Runtimes use one
 * wording for missing and for wrong credentials; which of them it was is known here.
 */
export function pullError(error: unknown, name: string, auth: EngineAuth): PullpassError {
  const failure = knowing(auth.config !== undefined, engineError(error))
  const user = auth.username === undefined ? '' : ` of user '${auth.username}'`
  const who = auth.config ? `with the credentials${user} (${auth.source})` : 'without credentials'
  const isTried = failure.code === 'ERR_AUTHENTICATION_REQUIRED' && auth.trace.length > 0
  const tried = isTried ? `\n${formatTrace(auth.trace)}` : ''
  const { code, hint, cause } = failure
  return new PullpassError(code, `Pulling ${name} ${who}: ${failure.message}${tried}`, { hint, cause })
}

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
