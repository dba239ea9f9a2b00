import type { Dispatcher } from 'undici'
import type { ProxyRoute } from '../../proxy/route.js'
import { proxyAuthorization } from './proxy-user.js'
import { proxyRefused } from './proxy-errors.js'

/**
 * Turns `http:` requests into those that a proxy forwards: with the whole URL for a path (RFC 9112, section 3.2.2) and
 * with the proxy's user. `https:` requests pass as they are.
 */
export function forwardPlainHttp(proxy: ProxyRoute): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => {
    const target = new URL(String(options.origin))
    if (target.protocol !== 'http:') return dispatch(options, handler)
    const headers = [...flat(options.headers), ...Object.entries(proxyAuthorization(proxy)).flat()]
    const refused = (): Error => proxyRefused(proxy, target.host, 407)
    return dispatch({ ...options, path: target.origin + options.path, headers }, failOn407(handler, refused))
  }
}

type HeaderValue = string | string[] | number | undefined

/** Names and values in turn, whichever way the request has its headers. */
function flat(headers: Dispatcher.DispatchOptions['headers']): string[] {
  if (headers === null || headers === undefined) return []
  if (Array.isArray(headers)) return headers
  const entries: readonly (readonly [string, HeaderValue])[] =
    Symbol.iterator in headers ? [...(headers as Iterable<[string, HeaderValue]>)] : Object.entries(headers)
  return entries.flatMap(([name, value = []]) => [value].flat().flatMap((one) => [name, String(one)]))
}

/** A 407 to a forwarded request comes from the proxy, and is no answer of the target's. */
function failOn407(handler: Dispatcher.DispatchHandler, refused: () => Error): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (...args) => handler.onRequestStart?.(...args),
    onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
    onRequestSent: () => handler.onRequestSent?.(),
    onBodySent: (...args) => handler.onBodySent?.(...args),
    onResponseStarted: () => handler.onResponseStarted?.(),
    onResponseStart: (controller, status, ...args) => {
      if (status === 407) controller.abort(refused())
      else handler.onResponseStart?.(controller, status, ...args)
    },
    onResponseData: (...args) => handler.onResponseData?.(...args),
    onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
    onResponseError: (...args) => handler.onResponseError?.(...args),
  }
}
