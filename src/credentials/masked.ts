import { maskWhenPrinted } from '../masking.js'
import type { Credentials } from './types.js'

/** A copy of credentials that prints with its secrets masked. */
export function maskedCredentials(credentials: Credentials): Credentials {
  return maskWhenPrinted({ ...credentials }, ['password', 'identityToken', 'registryToken'])
}
