import { DOCKER_HUB, OFFICIAL_IMAGES } from './docker-hub.js'
import type { ImageReference } from './types.js'

/**
 * The full name of an image: registry, repository, tag and digest, as far as they are there. Reading it again with
 * `parseImageReference` gives the same reference. The parts are not checked.
 *
 * @example formatImageReference(parseImageReference('alpine:3.18')) // 'docker.io/library/alpine:3.18'
 */
export function formatImageReference(reference: ImageReference): string {
  const { registry, repository } = reference
  return (registry === '' ? repository : `${registry}/${repository}`) + suffix(reference)
}

/**
 * The short name that Docker shows: without `docker.io/`, and without `library/` where that is all of the path before
 * the last part. For people: a few names on Docker Hub read as another registry when shortened (`docker.io/a.b/c` is
 * shown as `a.b/c`), so give a program the full one.
 *
 * @example familiarImageReference(parseImageReference('docker.io/library/alpine:3.18')) // 'alpine:3.18'
 * @see https://github.com/distribution/reference `FamiliarString`
 */
export function familiarImageReference(reference: ImageReference): string {
  const { registry, repository } = reference
  if (registry !== DOCKER_HUB) return formatImageReference(reference)
  const isOfficial = repository.startsWith(OFFICIAL_IMAGES) && !repository.includes('/', OFFICIAL_IMAGES.length)
  return (isOfficial ? repository.slice(OFFICIAL_IMAGES.length) : repository) + suffix(reference)
}

function suffix({ tag, digest }: ImageReference): string {
  return (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`)
}
