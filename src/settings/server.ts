import { PullpassError } from '../errors.js'
import { isRepositoryPath, scanHost } from '../host.js'
import { kindOf } from '../kind-of.js'
import { quoteAll } from './quote.js'

const EXAMPLE = 'Write it as registry.example.com:5000/team.'

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
  if (typeof server !== 'string') {
    throw new PullpassError('ERR_SETTINGS', `registry server is ${kindOf(server)}, expected a string`)
  }
  const text = server.trim()
  refuseSecrets(text)
  const [, scheme = '', host = '', path = ''] = /^(?:([^/]+):\/\/)?([^/]*)(.*)$/s.exec(text) ?? []
  if (!/^(?:https?)?$/i.test(scheme)) throw invalid(text, 'scheme must be http or https', scheme)
  checkHost(host, text)
  return { host, namespace: readNamespace(path, text) }
}

/** Comes first: no later message may show what is refused here. */
function refuseSecrets(text: string): void {
  const at = text.lastIndexOf('@')
  const [shown = '', query] = text.slice(at + 1).split(/[?#]/, 2)
  const hint = 'User and password are given as credentials.'
  if (at !== -1) throw invalid(`***@${shown}`, 'it must not have user info', '@', hint)
  if (query !== undefined) throw invalid(shown, 'it must not have a query', '?')
}

function checkHost(host: string, text: string): void {
  const scanned = scanHost(host, host.length)
  if (scanned < 0) {
    const rule = 'registry must be a domain name or an IP address (IPv6 in brackets), with an optional port'
    throw invalid(text, rule, host)
  }
  if (scanned === 0) {
    const hint = `Write the full name of the host, or its port: ${host}:5000.`
    throw invalid(text, 'registry must not be a single word, a namespace on Docker Hub', host, hint)
  }
  const port = Number(/:(\d+)$/.exec(host)?.[1])
  if (port < 1 || port > 65535) throw invalid(text, 'port must be 1 to 65535', `${port}`)
}

function readNamespace(path: string, text: string): string {
  let end = path.length
  while (path[end - 1] === '/') end--
  const namespace = path.slice(0, end).replace(/^\/+/, '')
  if (namespace === '' || namespace === 'v1' || namespace === 'v2') return ''
  if (isRepositoryPath(namespace)) return namespace
  const rule = 'namespace must be lower-case letters and digits, joined by . _ __ / or dashes'
  throw invalid(text, rule, namespace)
}

function invalid(text: string, rule: string, part: string, hint = EXAMPLE): PullpassError {
  const message = `invalid registry server ${quoteAll(text)}: ${rule}: ${quoteAll(part)}`
  return new PullpassError('ERR_SETTINGS', message, { hint })
}
