import type Docker from 'dockerode'
import { parseImageReference } from '../../reference/index.js'
import { engineError } from './engine-error.js'
import { unlessStatus } from './engine-status.js'

/** An image that the engine has. */
export interface LocalImage {
  /** The engine's own id. */
  readonly id: string
  /** Digest in the registry that it came from, where there is one. */
  readonly digest?: string
}

/**
 * Looks an image up in the engine. `undefined` where it is not there, or only for another platform.
 *
 * @throws {PullpassError} With a code of `classifyPullFailure`: the engine does not answer.
 * @param platform `os/architecture[/variant]`; absent: any.
 */
export async function localImage(docker: Docker, name: string, platform?: string): Promise<LocalImage | undefined> {
  try {
    const found = await unlessStatus([404], docker.getImage(name).inspect())
    if (!found || (platform !== undefined && !isFor(found, platform))) return undefined
    const digest = repositoryDigest(found.RepoDigests, name)
    return { id: found.Id, ...(digest !== undefined && { digest }) }
  } catch (error) {
    throw engineError(error)
  }
}

/** Engines tell the variant (`v8`) only sometimes; where they do not, it is not compared. */
function isFor(image: Docker.ImageInspectInfo & { Variant?: string | undefined }, platform: string): boolean {
  const [os, architecture, variant] = platform.split('/')
  if (image.Os !== os || image.Architecture !== architecture) return false
  return variant === undefined || image.Variant === undefined || image.Variant === '' || image.Variant === variant
}

function repositoryDigest(repoDigests: readonly string[] | undefined, name: string): string | undefined {
  const { registry, repository, digest } = parseImageReference(name)
  if (digest !== undefined) return digest
  return repoDigests
    ?.map((each) => parseImageReference(each))
    .find((each) => each.registry === registry && each.repository === repository)?.digest
}
