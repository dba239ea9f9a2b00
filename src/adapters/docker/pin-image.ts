import type Docker from 'dockerode'
import { formatImageReference, parseImageReference } from '../../reference/index.js'
import type { EngineAuth } from './engine-auth.js'
import { engineError } from './engine-error.js'
import { pullError } from './pull-error.js'

/** An image as it goes into a service. */
export interface PinnedImage {
  readonly image: string
  /** What the image runs on, for the scheduler; empty where the registry did not say. */
  readonly platforms: readonly { readonly Architecture: string; readonly OS: string }[]
  readonly warnings: readonly string[]
}

/** Failures that every node would meet as well. */
const hopeless = ['ERR_AUTHENTICATION_REQUIRED', 'ERR_UNAUTHORIZED', 'ERR_ACCESS_DENIED', 'ERR_IMAGE_NOT_FOUND']

/**
 * Pins an image to the digest that its registry has for it now, so that every node runs the same. Like docker CLI, it
 * goes on with the name alone when the registry cannot be asked from here; unlike it, not when the registry refuses.
 *
 * @param keepsCredentials The service has credentials of its own, which only Swarm can use: a refusal says nothing.
 */
export async function pinImage(
  docker: Docker,
  image: string,
  auth: EngineAuth,
  keepsCredentials: boolean,
): Promise<PinnedImage> {
  const parsed = parseImageReference(image)
  const reference = parsed.digest === undefined && parsed.tag === undefined ? { ...parsed, tag: 'latest' } : parsed
  const name = formatImageReference(reference)
  try {
    const { Descriptor, Platforms } = await docker.getImage(name).distribution({ authconfig: auth.config })
    return {
      image: formatImageReference({ ...reference, digest: reference.digest ?? Descriptor.digest }),
      // Swarm cannot match arm's variants: left open, as docker CLI leaves them.
      platforms: ((Platforms as typeof Platforms | null) ?? []).map(({ architecture, os }) => ({
        Architecture: architecture === 'arm' ? '' : architecture,
        OS: os,
      })),
      warnings: [],
    }
  } catch (error) {
    const failure = engineError(error, auth.secrets)
    if (hopeless.includes(failure.code) && !keepsCredentials) throw pullError(failure, name, auth)
    if (reference.digest !== undefined) return { image: name, platforms: [], warnings: [] }
    const warning = `${name} is not pinned to a digest, and nodes may run different versions of it: ${failure.message}`
    return { image: name, platforms: [], warnings: [warning] }
  }
}

/** The specification with its image pinned; everything else is the caller's, and stays. */
export function withImage(spec: Docker.ServiceSpec, { image, platforms }: PinnedImage): Docker.ServiceSpec {
  const task = spec.TaskTemplate as Docker.ContainerTaskSpec
  const placement = platforms.length > 0 && { Placement: { Platforms: [...platforms], ...task.Placement } }
  return {
    ...spec,
    TaskTemplate: { ...task, ...placement, ContainerSpec: { ...task.ContainerSpec, Image: image } },
  }
}
