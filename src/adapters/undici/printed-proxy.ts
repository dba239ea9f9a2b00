import { maskProxyUrl } from '../../settings/proxy-url.js'
import type { ProxySettings } from '../../settings/types.js'

/** Proxy settings as they may be printed, whoever made them. */
export function printedProxy(proxy: ProxySettings | undefined): object | undefined {
  if (!proxy) return undefined
  const { httpProxy, httpsProxy } = proxy
  return {
    ...proxy,
    ...(httpProxy !== undefined && { httpProxy: maskProxyUrl(httpProxy) }),
    ...(httpsProxy !== undefined && { httpsProxy: maskProxyUrl(httpsProxy) }),
  }
}
