import { PullpassError } from '../errors.js'
import { kindOf } from '../kind-of.js'
import { printedAs } from '../masking.js'
import { DOCKER_HUB, DOCKER_HUB_INDEX } from '../reference/docker-hub.js'
import { parseImageReference } from '../reference/parse.js'
import { checkDockerConfig, type DockerConfig } from './docker-config.js'
import { kubeletCredentials } from './entry.js'
import { type KeyringKey, parseKeyringKey, parsePlace } from './keyring-key.js'
import { createPlaceIndex, type PlaceIndex } from './place-index.js'
import { shownKey } from './server-key.js'
import type { PasswordCredentials } from './types.js'

/** Credentials that kubelet tries for an image. Printed with the password masked. */
export interface PullSecretMatch {
  /** User name and password; both are empty where the entry has none that kubelet reads, and it pulls anonymously. */
  readonly credentials: PasswordCredentials
  /** Which of the configs: its index in the list. */
  readonly secret: number
  /** The key in its `auths`, as it is written there. */
  readonly key: string
  /** Why kubelet takes the key for this image, in words. */
  readonly reason: string
}

/**
 * The credentials that a node tries for an image, in the order in which it tries them, given the pod's pull secrets. By
 * kubelet's rules (1.36):
 *
 * - The key's host has the same number of parts between dots as the image's, and each is the same, capitals included;
 *   `*` in it stands for any characters of a part. The ports are the same, or both left out.
 * - The key's path is how the image's path begins, in the middle of a word, too: `/team` is for `/teamwork`. Scheme, user
 *   info, and `/v1` and `/v2` in front of the path, do not count.
 * - Keys are tried in the reverse order of host and path, so that longer paths come first. Entries for one key are tried
 *   in the order of the secrets; within a secret in that of the file, where kubelet's order is random.
 * - When no key matches, `index.docker.io` (as in `https://index.docker.io/v1/`) is used for Docker Hub and for hosts
 *   without dot and port.
 *
 * @param configs The content of the pod's pull secrets, in the pod's order, from `parseDockerConfig`.
 * @param image As a pod's `image` has it.
 * @returns Empty when nothing matches: the node pulls anonymously.
 * @throws {PullpassError} `ERR_IMAGE_REFERENCE` for an image name that is none. `ERR_PULL_SECRET_INVALID` when any entry
 * of any secret is broken: kubelet then refuses all of them.
 * @see https://github.com/kubernetes/kubernetes `pkg/credentialprovider`, `BasicDockerKeyring.Lookup`
 */
export function matchPullSecrets(configs: readonly DockerConfig[], image: string): PullSecretMatch[] {
  return compilePullSecrets(configs)(image)
}

/**
 * {@link matchPullSecrets} for many images: reads and indexes the secrets once. A look-up takes about as long among
 * 10,000 entries as among 10.
 *
 * @throws {PullpassError} `ERR_PULL_SECRET_INVALID`, as `matchPullSecrets` does.
 */
export function compilePullSecrets(configs: readonly DockerConfig[]): (image: string) => PullSecretMatch[] {
  if (!Array.isArray(configs)) throw new TypeError(`configs must be a list, not ${kindOf(configs)}`)
  const { index, defaults } = indexKeys(configs as readonly DockerConfig[])
  return (image) => {
    const { registry, repository } = parseImageReference(image)
    const name = registry === '' ? repository : `${registry}/${repository}`
    const place = parsePlace(name)
    const found = place === undefined ? [] : index.find(place)
    if (found.length > 0) return found.sort(byKubeletOrder).flatMap(({ matches }) => matches)
    return defaultMatches(defaults, name.split('/', 1)[0] ?? '')
  }
}

/** All entries of all secrets that have one key. */
interface FiledKey {
  readonly name: string
  readonly matches: PullSecretMatch[]
}

function indexKeys(configs: readonly DockerConfig[]): {
  index: PlaceIndex<FiledKey>
  defaults: readonly PullSecretMatch[]
} {
  const index = createPlaceIndex<FiledKey>()
  const filed = new Map<string, FiledKey>()
  for (const [secret, config] of configs.entries()) {
    checkDockerConfig(config, `configs[${secret}]`)
    for (const [key, entry] of Object.entries(config.auths)) {
      const credentials = readEntry(entry, key, secret)
      const parsed = parseKeyringKey(key)
      if (parsed === undefined) continue
      let known = filed.get(parsed.name)
      if (known === undefined) {
        known = { name: parsed.name, matches: [] }
        filed.set(parsed.name, known)
        index.add(parsed, known)
      }
      known.matches.push(makeMatch({ credentials, secret, key, reason: describe(parsed) }))
    }
  }
  return { index, defaults: filed.get(DOCKER_HUB_INDEX)?.matches ?? [] }
}

function readEntry(entry: unknown, key: string, secret: number): PasswordCredentials {
  try {
    return kubeletCredentials(entry, key)
  } catch (error) {
    if (!(error instanceof PullpassError)) throw error
    throw new PullpassError('ERR_PULL_SECRET_INVALID', `pull secret ${secret}: ${error.message}`, {
      hint: 'Make the secret anew. As long as it is like this, kubelet refuses all pull secrets of the pod.',
    })
  }
}

function byKubeletOrder(a: FiledKey, b: FiledKey): number {
  return a.name < b.name ? 1 : -1
}

function describe({ host, port, path }: KeyringKey): string {
  const place = port === '' ? host : `${host}:${port}`
  const ofHost = host.includes('*') ? `the host matches ${shownKey(place)}` : `the host is ${shownKey(place)}`
  return path === '' ? ofHost : `${ofHost} and the path begins with ${shownKey(path)}`
}

/** kubelet takes a first part without dot and port for a user on Docker Hub, even `localhost`. */
function defaultMatches(defaults: readonly PullSecretMatch[], firstPart: string): PullSecretMatch[] {
  if (firstPart !== DOCKER_HUB && /[.:]/.test(firstPart)) return []
  const reason =
    firstPart === DOCKER_HUB
      ? 'the image is on Docker Hub and no other key matches'
      : `kubelet takes ${shownKey(firstPart)}, without dot and port, for a part of Docker Hub, and no other key matches`
  return defaults.map((match) => makeMatch({ ...match, reason }))
}

function makeMatch(match: PullSecretMatch): PullSecretMatch {
  return printedAs(match, () => ({ ...match, key: shownKey(match.key).slice(1, -1) }))
}
