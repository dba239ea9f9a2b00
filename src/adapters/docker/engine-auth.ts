import { type CredentialSource, credentialsFrom, registryAuthHeader, type TraceLine } from '../../credentials/index.js'
import { printedAs } from '../../masking.js'
import type { ImageReference } from '../../reference/index.js'

/** How the caller of this adapter says who may pull. */
export interface AuthOptions {
  /** Credentials for the image's registry, or where to find them. */
  readonly credentials?: CredentialSource
  /** A ready `X-Registry-Auth` header instead of credentials, such as that of `portainerRegistryHeader`. */
  readonly registryAuth?: string
}

/** What goes to the engine, and where it is from. Printed without the header. */
export interface EngineAuth {
  /** For dockerode: `base64` is sent as `X-Registry-Auth`, as it is. Absent: the pull is anonymous. */
  readonly config?: { readonly base64: string }
  /** Whose credentials they are, where that is known. */
  readonly username?: string
  /** Which source they are from. */
  readonly source: string
  /** Until when they are good, where the source knows it. */
  readonly expiresAt?: Date
  readonly trace: readonly TraceLine[]
}

/** Finds the credentials for an image and makes of them what the engine takes. */
export async function engineAuth(
  { credentials: source, registryAuth }: AuthOptions,
  reference: ImageReference,
  signal: AbortSignal | undefined,
): Promise<EngineAuth> {
  if (registryAuth !== undefined) return masked({ config: { base64: registryAuth }, source: 'registryAuth', trace: [] })
  const { credentials, ...found } = await credentialsFrom(source, reference, signal)
  if (!credentials) return found
  const username = 'username' in credentials ? credentials.username : undefined
  const config = { base64: registryAuthHeader(credentials, reference.registry) }
  return masked({ ...found, config, ...(username !== undefined && { username }) })
}

function masked(auth: EngineAuth): EngineAuth {
  const { config: _, ...shown } = auth
  return printedAs(auth, () => shown)
}
