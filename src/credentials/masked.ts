import { maskWhenPrinted } from '../masking.js'
import type { Credentials } from './types.js'

const secretFields = ['password', 'identityToken', 'registryToken'] as const

/** A copy of credentials that prints with its secrets masked. */
export function maskedCredentials(credentials: Credentials): Credentials {
  return maskWhenPrinted({ ...credentials }, secretFields)
}

/** What of credentials must not come back in a message; with the pair whose base64 goes over the wire. */
export function secretsIn(credentials: Credentials): string[] {
  const fields: Readonly<Partial<Record<string, string>>> = { ...credentials }
  const secrets = secretFields.flatMap((field) => fields[field] ?? [])
  return [...secrets, ...secrets.map((secret) => `${fields['username'] ?? ''}:${secret}`)]
}
