import type { ProxyRoute } from '../../proxy/route.js'

/** The header that offers an HTTP proxy its user (Basic authentication, RFC 7617), or none. */
export function proxyAuthorization({ username, password }: ProxyRoute): { 'proxy-authorization'?: string } {
  if (username === undefined) return {}
  return { 'proxy-authorization': `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` }
}
