import { PullpassError } from '../errors.js'
import { classifyPullFailure, pullFailureError } from '../failures/index.js'

/** The error for an exchange with a registry, or with its token server, that came to no answer. */
export function connectionError(error: unknown, registry: string): PullpassError {
  if (error instanceof PullpassError) return error
  const failure = pullFailureError(error)
  const { code, message, cause } = failure
  // Node's words often do not say whose certificate it was.
  const hint = failure.hint?.replaceAll('HOST', registry)
  const here = ' For this process: NODE_EXTRA_CA_CERTS=FILE, or the option `ca`.'
  return new PullpassError(code, `${registry} gave no usable answer: ${message}`, {
    hint: code === 'ERR_CERTIFICATE_UNKNOWN_AUTHORITY' ? `${hint ?? ''}${here}`.trim() : hint,
    cause,
  })
}

/** Whether a server's certificate was refused: not a reason to try without encryption. */
export function isCertificateFailure(error: unknown): boolean {
  return classifyPullFailure(error).code.startsWith('ERR_CERTIFICATE_')
}
