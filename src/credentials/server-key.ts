import { PullpassError } from '../errors.js'
import { kindOf } from '../kind-of.js'
import { DOCKER_HUB_AUTH_KEY, isDockerHub } from '../reference/docker-hub.js'

/** Whether two hosts, with their ports, are one registry: the same but for capitals, or both a name of Docker Hub. */
export function isSameRegistry(one: string, other: string): boolean {
  return lowerCase(one) === lowerCase(other) || (isDockerHub(lowerCase(one)) && isDockerHub(lowerCase(other)))
}

/** The key in `auths` for a server: as it is written, but for Docker Hub. */
export function authsKey(server: string): string {
  const { host, path } = split(server)
  return isDockerHub(lowerCase(host)) && isApiPath(path) ? DOCKER_HUB_AUTH_KEY : server
}

/** The `serveraddress` of an `X-Registry-Auth`: the host with its port, but for Docker Hub. */
export function serverAddress(server: string): string {
  const { host } = split(server)
  return isDockerHub(lowerCase(host)) ? DOCKER_HUB_AUTH_KEY : host
}

/**
 * A key of `auths` as errors and printed objects may show it: without the user info and the query that someone may have
 * left in it, on one line.
 */
export function shownKey(key: string): string {
  const scheme = key.indexOf('://')
  const start = scheme === -1 ? 0 : scheme + 3
  const at = key.lastIndexOf('@')
  const withoutUser = at < start ? key : `${key.slice(0, start)}***${key.slice(at)}`
  const query = withoutUser.search(/[?#]/)
  const shown = query === -1 ? withoutUser : `${withoutUser.slice(0, query + 1)}***`
  return JSON.stringify(shown.length > 200 ? `${shown.slice(0, 200)}…` : shown)
}

function split(server: string): { host: string; path: string } {
  if (typeof server !== 'string') throw new TypeError(`server must be a string, not ${kindOf(server)}`)
  const scheme = server.indexOf('://')
  const rest = scheme === -1 ? server : server.slice(scheme + 3)
  const slash = rest.indexOf('/')
  const host = slash === -1 ? rest : rest.slice(0, slash)
  if (host === '') {
    throw new PullpassError('ERR_CREDENTIALS', `the server of an entry is ${shownKey(server)}, which has no host`, {
      hint: 'Give the registry as a host with an optional port, such as registry.example.com:5000.',
    })
  }
  return { host, path: slash === -1 ? '' : rest.slice(slash) }
}

/** ASCII alone: a look-alike from elsewhere must not become the letter that it looks like. */
function lowerCase(host: string): string {
  return host.replace(/[A-Z]/g, (char) => char.toLowerCase())
}

/** What may stand behind the host without meaning a place on the registry. */
function isApiPath(path: string): boolean {
  return ['', '/', '/v1', '/v1/', '/v2', '/v2/'].includes(path)
}
