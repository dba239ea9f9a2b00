import { PullpassError } from '../errors.js'
import { isRegistryHost, isRepositoryPath } from '../host.js'
import { kindOf } from '../kind-of.js'
import { quote } from './quote.js'

/** A registry server as an operator wrote it, taken apart. */
export interface RegistryServer {
  /** Host, and port where one was written, without a scheme: `registry.example.com:5000`. */
  readonly host: string
  /** Where on the registry images are, without slashes at either end: `team/sub`. Empty when the host was all. */
  readonly namespace: string
}

/**
 * Reads what an operator may write for a registry: a host, with or without `http://` or `https://`, a port, a
 * namespace (`registry.example.com/team`), slashes at the end, the API's path `/v2/` or `/v1/` (with nothing else
 * between it and the host), and white space around it.
 *
 * A bare word such as `myregistry` is refused, although it can be a host: Docker reads `myregistry/app` as a repository
 * on Docker Hub, so that every image would silently come from there. With a port (`myregistry:5000`) or a domain it is
 * a registry. `localhost` and a name with a capital letter are one to Docker as they are.
 *
 * @throws {PullpassError} `ERR_SETTINGS` for anything else, and for a port that does not exist. User info is refused,
 * and neither it nor a query is repeated in the message.
 */
export function parseRegistryServer(server: string): RegistryServer {
  if (typeof server !== 'string') throw unusable(`registry server is ${kindOf(server)}`, 'a string')
  const text = server.trim()
  if (text === '') throw unusable('registry server is empty', A_HOST)

  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]
  const start = scheme === undefined ? 0 : scheme.length + 3
  refuseSecrets(text)
  if (scheme !== undefined) checkScheme(scheme, text)

  const slash = text.indexOf('/', start)
  const host = text.slice(start, slash === -1 ? undefined : slash)
  checkHost(host, text, scheme?.toLowerCase() === 'http' ? 80 : 443)
  return { host, namespace: readNamespace(slash === -1 ? '' : text.slice(slash), host, text) }
}

const A_HOST = 'a host such as registry.example.com, localhost:5000 or registry.example.com/team'
const HINT = 'Write the host, with its port unless that is 443, and a namespace where images are in one.'

/** Comes first: no later message may show what is refused here. */
function refuseSecrets(text: string): void {
  const at = text.lastIndexOf('@')
  const query = text.slice(at + 1).search(/[?#]/)
  const shown = quote(text.slice(0, query === -1 ? undefined : at + 1 + query))
  if (at !== -1) {
    throw unusable(
      `registry server ${shown} has user info`,
      A_HOST,
      'Leave out what stands before the @, and give the user and the password as username and password.',
    )
  }
  if (query !== -1) {
    throw unusable(`registry server ${shown} goes on with a query or fragment`, A_HOST, `Write ${shown}.`)
  }
}

function checkScheme(scheme: string, text: string): void {
  if (/^https?$/i.test(scheme)) return
  throw unusable(
    `registry server ${quote(text)} has the scheme ${quote(scheme)}`,
    'http, https or none',
    `Write ${quote(text.slice(scheme.length + 3))}.`,
  )
}

function checkHost(host: string, text: string, schemePort: number): void {
  if (!isRegistryHost(host)) {
    throw unusable(`registry server ${quote(text)} has ${host === '' ? 'no host' : `the host ${quote(host)}`}`, A_HOST)
  }
  const port = /:(\d+)$/.exec(host)?.[1]
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65535)) {
    throw unusable(`registry server ${quote(text)} has the port ${quote(port)}`, 'a port from 1 to 65535')
  }
  if (!/[.:A-Z]/.test(host) && host !== 'localhost') {
    throw unusable(
      `registry server ${quote(text)} is a single word, and Docker takes ${quote(`${host}/app`)} for an image on Docker Hub`,
      'a host with a domain or a port',
      `Write the port, as in '${host}:${String(schemePort)}', or the full name of the host. ` +
        `For a namespace on Docker Hub write 'docker.io/${host}'.`,
    )
  }
}

function readNamespace(path: string, host: string, text: string): string {
  let start = 0
  let end = path.length
  while (path[start] === '/') start++
  while (end > start && path[end - 1] === '/') end--
  const namespace = path.slice(start, end)
  if (namespace === '' || namespace === 'v1' || namespace === 'v2') return ''
  if (isRepositoryPath(namespace)) return namespace
  const lowered = namespace.toLowerCase()
  throw unusable(
    `registry server ${quote(text)} has the namespace ${quote(namespace)}`,
    'lower-case letters and digits, in parts between single slashes, with . _ or - only inside a part',
    isRepositoryPath(lowered) ? `Write ${quote(`${host}/${lowered}`)}.` : undefined,
  )
}

function unusable(found: string, expected: string, hint = HINT): PullpassError {
  return new PullpassError('ERR_SETTINGS', `${found}, expected ${expected}`, { hint })
}
