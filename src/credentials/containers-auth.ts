import { DOCKER_HUB, DOCKER_HUB_API_HOST, DOCKER_HUB_INDEX } from '../reference/docker-hub.js'
import type { ImageReference } from '../reference/types.js'
import type { DockerConfig } from './docker-config.js'

/**
 * The key in `auths` of a containers-auth.json (Podman, Buildah, Skopeo) whose entry is for an image:
 *
 * 1. Exactly `host/a/b`, else `host/a`, else `host`, for the image `host/a/b`.
 * 2. A key that is the same host written as a URL, `https://host/v1/`; all names of Docker Hub are one. Where there are
 *    several, Go takes any; here it is the one with `https://`, then the shortest, then the first by its characters.
 *
 * @returns `undefined` when there is none.
 * @see containers-auth.json(5)
 * @see https://github.com/containers/image `pkg/docker/config`, `findCredentialsInFile`
 */
export function containersAuthKey({ auths }: DockerConfig, reference: ImageReference): string | undefined {
  const { registry, repository } = reference
  let place = `${registry}/${repository}`
  for (;;) {
    if (Object.hasOwn(auths, place)) return place
    if (place.length <= registry.length) break
    place = place.slice(0, place.lastIndexOf('/'))
  }
  const host = normalHost(registry)
  const keys = Object.keys(auths).filter((key) => normalHost(withoutScheme(key)) === host)
  const rank = (key: string): number => (key.startsWith('https://') ? 0 : 1)
  return keys.sort((a, b) => rank(a) - rank(b) || a.length - b.length || (a < b ? -1 : 1))[0]
}

/** A path counts as part of the place, unless a scheme in front of it makes the key an API's URL. */
function withoutScheme(key: string): string {
  const rest = key.replace(/^https?:\/\//, '')
  return rest === key ? key : (rest.split('/', 1)[0] ?? '')
}

function normalHost(host: string): string {
  return host === DOCKER_HUB_INDEX || host === DOCKER_HUB_API_HOST ? DOCKER_HUB : host
}
