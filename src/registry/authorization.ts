import { hash } from 'node:crypto'
import { encodeAuth } from '../credentials/index.js'
import { isIdentityToken, isRegistryToken } from '../credentials/check.js'
import type { Credentials } from '../credentials/types.js'
import type { Challenge } from './challenges.js'
import { mergeScopes } from './scopes.js'
import type { TokenOrder } from './token-request.js'

/** How a request will be authorized. `key` tells two plans apart, and names a token in the cache. */
export type AuthorizationPlan =
  | { readonly kind: 'none'; readonly key: 'none' }
  | { readonly kind: 'header'; readonly key: string; readonly header: string }
  | { readonly kind: 'token'; readonly key: string; readonly order: TokenOrder }

/** What a request is for. */
export interface Purpose {
  /** The registry, as in an image name. */
  readonly registry: string
  /** What a token has to allow. */
  readonly scopes: readonly string[]
  readonly credentials: Credentials | undefined
}

/**
 * How to meet a registry's challenges: a token where it takes one, else user and password; nothing where it asks for
 * nothing, or for nothing that there is.
 */
export function planAuthorization(challenges: readonly Challenge[], purpose: Purpose): AuthorizationPlan {
  const { credentials } = purpose
  const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters['realm'] !== undefined)
  if (bearer) {
    if (credentials && isRegistryToken(credentials)) {
      return { kind: 'header', key: 'registry token', header: `Bearer ${credentials.registryToken}` }
    }
    return tokenPlan(bearer, purpose)
  }
  const usable = credentials && !isRegistryToken(credentials) && !isIdentityToken(credentials)
  if (!usable || !challenges.some(({ scheme }) => scheme === 'basic')) return { kind: 'none', key: 'none' }
  return { kind: 'header', key: 'basic', header: `Basic ${encodeAuth(credentials)}` }
}

function tokenPlan({ parameters }: Challenge, { registry, scopes, credentials }: Purpose): AuthorizationPlan {
  const { realm = '', service } = parameters
  const order = { registry, realm, service, scopes: mergeScopes(scopes), credentials }
  // None of them has a line break: they come from headers, or go into one.
  const key = [registry, realm, service, order.scopes.join(' '), fingerprint(credentials)].join('\n')
  return { kind: 'token', key, order }
}

/** Credentials, told apart without being kept. */
function fingerprint(credentials: Credentials | undefined): string {
  return credentials === undefined ? 'anonymous' : hash('sha256', JSON.stringify(credentials), 'base64url')
}
