import { parseRegistryServer } from '../settings/server.js'
import { DOCKER_HUB, isDockerHub } from './docker-hub.js'
import { notAString } from './invalid.js'
import { parseImageReference } from './parse.js'
import { namesRegistry } from './scan.js'

/** Options of {@link hasRegistry}. */
export interface HasRegistryOptions {
  /**
   * `'docker'`, the default: the part before the first slash has a dot, a colon or a capital letter, or is `localhost`.
   * `'dot'`, XTM Composer's: it has a dot.
   */
  readonly rule?: 'docker' | 'dot' | undefined
}

/**
 * Whether an image name says which registry it is on. Looks at the part before the first slash alone; whether the name
 * is valid is for {@link parseImageReference} to say.
 *
 * @throws {PullpassError} `ERR_IMAGE_REFERENCE` when `image` is not a string.
 * @throws {TypeError} when `rule` is not one of the two.
 * @see https://github.com/distribution/reference `splitDockerDomain`
 */
export function hasRegistry(image: string, options: HasRegistryOptions = {}): boolean {
  if (typeof image !== 'string') throw notAString(image)
  const slash = image.indexOf('/')
  switch (options.rule) {
    case undefined:
    case 'docker':
      return namesRegistry(image, slash)
    case 'dot':
      return slash !== -1 && image.slice(0, slash).includes('.')
    default:
      throw new TypeError("options.rule must be 'docker' or 'dot'")
  }
}

/**
 * The image to pull: `image` on the operator's registry, unless it names a registry itself (Docker's rule, see
 * {@link hasRegistry}) or none is configured; then it is returned as it is. Tag and digest are kept. Resolving the
 * result again changes nothing.
 *
 * `server` is what an operator may write, see `parseOpenCtiSettings`: with a scheme, a port, a namespace. Docker
 * Hub under any of its names becomes `docker.io`.
 *
 * @throws {PullpassError} `ERR_IMAGE_REFERENCE` when `image` is not valid, or too long with the prefix; `ERR_SETTINGS`
 * when `server` is not a registry server.
 * @example resolveImage('myorg/connector:1.0', { server: 'localhost:5000' }) // 'localhost:5000/myorg/connector:1.0'
 */
export function resolveImage(image: string, registry?: { readonly server?: string | undefined }): string {
  parseImageReference(image)
  const server = registry?.server
  if (server === undefined) return image
  const { host, namespace } = parseRegistryServer(server)
  if (hasRegistry(image)) return image
  const prefix = isDockerHub(host.toLowerCase()) ? DOCKER_HUB : host
  const resolved = [prefix, namespace, image].filter(Boolean).join('/')
  parseImageReference(resolved)
  return resolved
}
