import { kindOf } from '../kind-of.js'
import { DOCKER_HUB, DOCKER_HUB_AUTH_KEY, DOCKER_HUB_INDEX } from '../reference/docker-hub.js'
import { checkDockerConfig, type DockerConfig } from './docker-config.js'
import { dockerCredentials } from './entry.js'
import { parseGoUrl, splitGoHost } from './go-url.js'
import type { Credentials } from './types.js'

/**
 * The credentials that a config.json itself has for a registry, by docker CLI's rules:
 *
 * 1. `docker.io` and `index.docker.io` are looked up as `https://index.docker.io/v1/`.
 * 2. An entry with exactly this key.
 * 3. An entry whose key has this host, with scheme and path cut off. Where there are several, docker CLI takes any, as
 *    its map happens to be ordered; here it is the one that holds something before one that is empty, then one with
 *    `https://`, then the shortest key, then the first by its characters.
 *
 * Credential stores and helpers are no part of it: where `credHelpers` or `credsStore` name one for the registry, docker
 * CLI asks that one instead.
 *
 * @param registry Host and port, `registry.example.com:5000`, as the `registry` of an `ImageReference`.
 * @returns `undefined` when there is no entry, or an empty one. Without `email`, for which no registry asks. Printed with
 * the secrets masked.
 * @throws {PullpassError} `ERR_CREDENTIALS`, naming the key, when the entry is broken. Other entries do not matter.
 * @see https://github.com/docker/cli `cli/config/credentials`, `fileStore.Get`
 */
export function lookupDockerConfig(config: DockerConfig, registry: string): Credentials | undefined {
  checkDockerConfig(config, 'config')
  if (typeof registry !== 'string') throw new TypeError(`registry must be a string, not ${kindOf(registry)}`)
  const key = lookupKey(config, registry)
  return key === undefined ? undefined : dockerCredentials(config.auths[key], key)
}

/** The key in `auths` that {@link lookupDockerConfig} uses. */
export function lookupKey({ auths }: DockerConfig, registry: string): string | undefined {
  const server = registry === DOCKER_HUB || registry === DOCKER_HUB_INDEX ? DOCKER_HUB_AUTH_KEY : registry
  if (Object.hasOwn(auths, server)) return server
  const keys = Object.keys(auths).filter((key) => keyHostname(key) === server)
  const rank = (key: string): number => (isEmpty(auths[key]) ? 2 : 0) + (key.startsWith('https://') ? 0 : 1)
  return keys.sort((a, b) => rank(a) - rank(b) || a.length - b.length || (a < b ? -1 : 1))[0]
}

/**
 * The host, with its port, that docker CLI takes a key of `auths` to be for.
 *
 * @see https://github.com/docker/cli `cli/config/credentials`, `ConvertToHostname`
 */
export function keyHostname(key: string): string {
  const url = key.includes('://') ? parseGoUrl(key) : undefined
  const { hostname, port } = url === undefined ? { hostname: '', port: '' } : splitGoHost(url)
  if (hostname === '') return key.split('/', 1)[0] ?? ''
  if (port === '') return hostname
  return hostname.includes(':') ? `[${hostname}]:${port}` : `${hostname}:${port}`
}

function isEmpty(entry: unknown): boolean {
  return typeof entry === 'object' && Object.keys(entry ?? {}).length === 0
}
