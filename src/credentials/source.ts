import { checkObject } from '../kind-of.js'
import type { ImageReference } from '../reference/types.js'
import { type CredentialChain, credentialChain, type NamedProvider, type ResolvedCredentials } from './chain.js'
import type { Credentials } from './types.js'

/** Credentials, or where to find them: what every option named `credentials` takes. */
export type CredentialSource = Credentials | NamedProvider | CredentialChain

/**
 * Finds the credentials for an image in whatever a `credentials` option holds. Credentials that are given as such are
 * for whatever image they are given with.
 *
 * @throws What the source throws, or the signal's reason.
 * @throws {TypeError} For a source that is none.
 */
export async function credentialsFrom(
  source: CredentialSource | undefined,
  reference: ImageReference,
  signal?: AbortSignal,
): Promise<ResolvedCredentials> {
  if (source === undefined) return credentialChain().resolve(reference)
  return asChain(source).resolve(reference, signal && { signal })
}

function asChain(source: CredentialSource): CredentialChain {
  if (typeof source === 'function') return credentialChain(source)
  checkObject(source, 'credentials')
  if ('resolve' in source) return source
  if ('provide' in source) return credentialChain(source)
  return credentialChain({ name: 'given', provide: () => source })
}
