// Every name that Docker Hub goes by. Nothing else in the library spells one of them.

/** Docker Hub in an image name, written or not: `docker.io/library/alpine`. */
export const DOCKER_HUB = 'docker.io'

/** Its older name, which distribution/reference reads as {@link DOCKER_HUB}. */
export const DOCKER_HUB_INDEX = 'index.docker.io'

/** The host that answers its registry API. In an image name this is another registry, to every implementation. */
export const DOCKER_HUB_API_HOST = 'registry-1.docker.io'

/** The key of its credentials under `auths`, character for character: docker CLI looks at no other. */
export const DOCKER_HUB_AUTH_KEY = 'https://index.docker.io/v1/'

/** Where its official images are, and what `docker.io/alpine` leaves out. */
export const OFFICIAL_IMAGES = 'library/'

/**
 * Whether `server` is Docker Hub under any of its names: `docker.io`, `index.docker.io`, `registry-1.docker.io`, or the
 * key `https://index.docker.io/v1/`. A name with capitals is not one, as in distribution/reference.
 */
export function isDockerHub(server: string): boolean {
  return [DOCKER_HUB, DOCKER_HUB_INDEX, DOCKER_HUB_API_HOST, DOCKER_HUB_AUTH_KEY].includes(server)
}
