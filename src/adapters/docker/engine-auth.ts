import { type CredentialSource, credentialsFrom, registryAuthHeader, type TraceLine } from '../../credentials/index.js'
import { secretsIn } from '../../credentials/masked.js'
import { kindOf } from '../../kind-of.js'
import { printedAs } from '../../masking.js'
import type { ImageReference } from '../../reference/index.js'

/** How the caller of this adapter says who may pull. */
export interface AuthOptions {
  /** Credentials for the image's registry, or where to find them. */
  readonly credentials?: CredentialSource | undefined
  /** A ready `X-Registry-Auth` header instead of credentials, such as that of `portainerRegistryHeader`. */
  readonly registryAuth?: string | undefined
}

/** What goes to the engine, and where it is from. Printed without the header and the secrets. */
export interface EngineAuth {
  /** For dockerode: `base64` is sent as `X-Registry-Auth`, as it is. Absent: the pull is anonymous. */
  readonly config?: { readonly base64: string }
  /** What must not come back in an error, whoever repeats it. */
  readonly secrets: readonly string[]
  /** Whose credentials they are, where that is known. */
  readonly username?: string
  /** Which source they are from. */
  readonly source: string
  /** Until when they are good, where the source knows it. */
  readonly expiresAt?: Date
  readonly trace: readonly TraceLine[]
}

/**
 * Finds the credentials for an image and makes of them what the engine takes.
 *
 * @throws {TypeError} `registryAuth` is not a string, or `credentials` none.
 */
export async function engineAuth(
  { credentials: source, registryAuth }: AuthOptions,
  reference: ImageReference,
  signal: AbortSignal | undefined,
): Promise<EngineAuth> {
  if (registryAuth !== undefined) {
    if (typeof registryAuth !== 'string')
      throw new TypeError(`registryAuth must be a string, not ${kindOf(registryAuth)}`)
    return masked({ config: { base64: registryAuth }, secrets: [registryAuth], source: 'registryAuth', trace: [] })
  }
  const { credentials, ...found } = await credentialsFrom(source, reference, signal)
  if (!credentials) return { ...found, secrets: [] }
  const username = 'username' in credentials ? credentials.username : undefined
  const config = { base64: registryAuthHeader(credentials, reference.registry) }
  const secrets = [config.base64, ...secretsIn(credentials)]
  return masked({ ...found, config, secrets, ...(username !== undefined && { username }) })
}

function masked(auth: EngineAuth): EngineAuth {
  const { config: _, secrets: __, ...shown } = auth
  return printedAs(auth, () => shown)
}
