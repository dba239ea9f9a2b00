import type { ImageReference } from '../reference/types.js'

/** What opens a registry. Printed with its secrets masked; `JSON.stringify` shows them. */
export type Credentials = PasswordCredentials | IdentityTokenCredentials | RegistryTokenCredentials

/** A user and a password, or whatever a registry takes for one (a personal access token, a JSON key). */
export interface PasswordCredentials {
  /** Must not be empty or contain a colon. */
  readonly username: string
  readonly password: string
  /** Carried along for Docker's old formats; no registry asks for it. */
  readonly email?: string | undefined
}

/** An OAuth2 refresh token, as `docker login` keeps for some registries (Azure's, for one). */
export interface IdentityTokenCredentials {
  readonly identityToken: string
  readonly username?: string | undefined
}

/** A bearer token that is sent to the registry as it is. */
export interface RegistryTokenCredentials {
  readonly registryToken: string
}

/**
 * Finds credentials for an image. `undefined` means that nothing is known here and the next provider is asked; a
 * look-up that failed throws.
 */
export type CredentialProvider = (
  reference: ImageReference,
) => Credentials | undefined | Promise<Credentials | undefined>
