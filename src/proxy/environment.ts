import { checkObject } from '../kind-of.js'
import { printedAs } from '../masking.js'
import { maskProxyUrl } from '../settings/proxy-url.js'
import type { ProxySettings } from '../settings/types.js'

/** Options of {@link proxyEnvironment}. */
export interface ProxyEnvironmentOptions {
  /**
   * Where the container finds a file of certificate authorities. The default roots belong into it too: all of these
   * variables but `NODE_EXTRA_CA_CERTS` replace what a program trusts.
   */
  readonly caPath?: string | undefined
}

const caVariables = ['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS', 'CURL_CA_BUNDLE']

/**
 * The environment variables that give a launched container the proxy: `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` in
 * capitals and in small letters; with `caPath`, the variables by which OpenSSL and Go, Python's requests, Node and curl
 * find certificate authorities. `NODE_TLS_REJECT_UNAUTHORIZED=0` is among them only where `rejectUnauthorized` is
 * `false` and there is TLS through the proxy: it switches verification off for everything that the container does.
 *
 * @returns The variables by name, with the passwords of proxies in them; printed masked.
 * @throws {TypeError} `proxy` is not an object, or `caPath` not an absolute path.
 */
export function proxyEnvironment(proxy: ProxySettings, options: ProxyEnvironmentOptions = {}): Record<string, string> {
  checkObject(proxy, 'proxyEnvironment: proxy')
  const { caPath } = options
  if (caPath !== undefined && !caPath.startsWith('/')) {
    throw new TypeError('proxyEnvironment: caPath is not an absolute path in the container')
  }
  const environment: Record<string, string> = {
    ...bothCases('HTTP_PROXY', proxy.httpProxy),
    ...bothCases('HTTPS_PROXY', proxy.httpsProxy),
    ...bothCases('NO_PROXY', proxy.noProxy),
    ...(caPath !== undefined && Object.fromEntries(caVariables.map((name) => [name, caPath]))),
    ...(!isVerified(proxy) && carriesTls(proxy) && { NODE_TLS_REJECT_UNAUTHORIZED: '0' }),
  }
  return printedAs(environment, () => {
    const sensitive = sensitiveProxyVariables(environment)
    const shown = (name: string, value: string): string => (sensitive.includes(name) ? maskProxyUrl(value) : value)
    return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, shown(name, value)]))
  })
}

/**
 * Which of these variables hold a proxy with user info, to be kept out of logs and, on Kubernetes, to be given from a
 * Secret.
 *
 * @param environment Such as {@link proxyEnvironment} returns.
 * @returns Their names.
 */
export function sensitiveProxyVariables(environment: Readonly<Record<string, string>>): string[] {
  return Object.keys(environment).filter(
    (name) => /^https?_proxy$/i.test(name) && environment[name]?.includes('@') === true,
  )
}

function bothCases(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value, [name.toLowerCase()]: value }
}

/** Settings that nobody parsed may not say. */
function isVerified({ rejectUnauthorized = true }: Partial<ProxySettings>): boolean {
  return rejectUnauthorized
}

/** An `http:` URL through an `http:` proxy is never encrypted, so that there is nothing to leave unverified. */
function carriesTls({ httpProxy, httpsProxy }: ProxySettings): boolean {
  return httpsProxy !== undefined || httpProxy?.startsWith('https:') === true
}
