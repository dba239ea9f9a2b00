import { PullpassError, type PullpassErrorCode } from '../../errors.js'
import { codeOfErrorCode } from '../../failures/error-codes.js'
import type { ProxyRoute } from '../../proxy/route.js'

/** A proxy, as errors name it: without its password. */
export type ProxyName = Pick<ProxyRoute, 'origin' | 'username'>

/** The proxy answered, and did not let a connection or request to `target` through. `status` is HTTP's. */
export function proxyRefused(proxy: ProxyName, target: string, status: number): PullpassError {
  if (status === 407) return authenticationRequired(proxy, 'status 407')
  const hint =
    status >= 500
      ? `The proxy answers, and did not reach ${target}: it may not resolve that name. If this machine reaches it directly, add it to no_proxy.`
      : `Have ${target} allowed by the operators of the proxy, or add it to no_proxy if this machine reaches it directly.`
  return new PullpassError('ERR_PROXY', `The proxy ${proxy.origin} refused ${target} with status ${status}`, { hint })
}

/** No usable connection to the proxy: it is down, its name does not resolve, or its own TLS does not verify. */
export function proxyUnreachable(proxy: ProxyName, cause: Error): PullpassError {
  if (cause instanceof PullpassError) return cause
  const words =
    cause instanceof AggregateError ? (cause.errors as Error[]).map(({ message }) => message) : [cause.message]
  const [code, what, hint] = tlsProblem(cause) ?? [
    'ERR_PROXY_UNREACHABLE',
    'cannot be reached',
    "Check scheme, host and port of the proxy's URL, and that the proxy runs and is reachable from here.",
  ]
  return new PullpassError(code, `The proxy ${proxy.origin} ${what}: ${words.join('; ').trim()}`, { hint, cause })
}

/** The proxy accepted a connection and then stayed silent. */
export function proxyTimedOut(proxy: ProxyName, target: string, milliseconds: number): PullpassError {
  const message = `The proxy ${proxy.origin} did not open a connection to ${target} within ${milliseconds} ms`
  const hint = `Look whether the proxy reaches ${target}, and whether its port speaks what the scheme of its URL says.`
  return new PullpassError('ERR_TIMEOUT', message, { hint })
}

/**
 * An error of the `socks` package, which proxy-agent uses as well. It has words alone, and the password in its
 * `options`: it never becomes a `cause`.
 */
export function socksFailure(proxy: ProxyName, target: string, { message }: Error): PullpassError {
  if (message.includes('Authentication failed') || message.includes('no accepted authentication type')) {
    return authenticationRequired(proxy, message)
  }
  if (!message.includes('rejected connection')) return proxyUnreachable(proxy, new Error(message))
  return new PullpassError('ERR_PROXY', `The proxy ${proxy.origin} refused ${target}: ${message}`, {
    hint: `The proxy may not allow, resolve or reach ${target}. If this machine reaches it directly, add it to no_proxy.`,
  })
}

function authenticationRequired({ origin, username }: ProxyName, said: string): PullpassError {
  const message =
    username === undefined
      ? `The proxy ${origin} asks for a user and a password (${said}), and its URL has none`
      : `The proxy ${origin} does not accept the user '${username}' with the password in its URL (${said})`
  return new PullpassError('ERR_PROXY_AUTHENTICATION_REQUIRED', message, {
    hint:
      "Put user and password into the proxy's URL, before its host and percent-encoded (%40 for an @). A proxy that " +
      'takes no such user (NTLM, Kerberos) needs a local one before it that authenticates.',
  })
}

function tlsProblem(error: Error): [PullpassErrorCode, string, string] | undefined {
  const nodeCode = 'code' in error ? String(error.code) : ''
  const code = codeOfErrorCode(nodeCode)
  switch (code) {
    case 'ERR_CERTIFICATE_UNKNOWN_AUTHORITY':
      return [code, 'has a certificate of an unknown authority', 'Add the CA of that certificate to https_proxy_ca.']
    case 'ERR_CERTIFICATE_EXPIRED':
      return [code, 'has a certificate that is out of date', 'Have it renewed, and check the clocks.']
    case 'ERR_CERTIFICATE_HOST_MISMATCH':
      return [code, 'has a certificate for another host', "Use the host name of that certificate in the proxy's URL."]
    case 'ERR_PLAIN_HTTP_REGISTRY':
    case 'ERR_TLS':
      return [
        'ERR_TLS',
        'does not speak TLS as expected',
        'The URL of a proxy that speaks plain HTTP begins with http://.',
      ]
    default:
      return undefined
  }
}
