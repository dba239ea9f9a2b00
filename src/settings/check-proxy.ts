import { checkObject } from '../kind-of.js'

const fields = ['httpProxy', 'httpsProxy', 'noProxy', 'ca', 'rejectUnauthorized']

/**
 * Catches a URL, `process.env` or a configuration in the place of settings: with these, nothing would go through the
 * proxy.
 *
 * @throws {TypeError} Unless it is absent or has a field of `ProxySettings`. An object without any field passes.
 */
export function checkProxySettings(proxy: unknown): void {
  if (proxy === undefined) return
  checkObject(proxy, 'proxy')
  // A URL keeps what it has out of sight.
  const isEmpty = Object.keys(proxy).length === 0 && !(proxy instanceof URL)
  if (isEmpty || fields.some((field) => field in proxy)) return
  throw new TypeError('proxy must come from loadSettings, parseProxySettings or proxySettingsFromEnv')
}
