import type { Credentials } from '../credentials/types.js'
import { redact } from '../failures/redact.js'
import { MASK } from '../masking.js'

/** Nobody reads on. */
const MOST_CHARACTERS = 300

/** What was sent, and must not come back in an error. */
export interface Sent {
  readonly credentials: Credentials | undefined
  /** The `Authorization` header. */
  readonly authorization?: string | undefined
}

/**
 * What a server says about its refusal, on one line: the first error of the distribution specification's list, or what
 * token servers have in its place. Without what was sent, which some servers repeat. `undefined` where it says nothing,
 * or speaks HTML.
 */
export function serverWords(body: Uint8Array, sent: Sent): string | undefined {
  const answer = parse(body)
  if (typeof answer !== 'object' || answer === null) return undefined
  const { errors, message, details, error_description: description, error } = answer as Record<string, unknown>
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined
  const words =
    typeof first === 'object' && first !== null
      ? [(first as Record<string, unknown>)['code'], (first as Record<string, unknown>)['message']]
      : [error, description, message, details]
  const text = words.filter((word): word is string => typeof word === 'string' && word !== '').join(', ')
  return text === '' ? undefined : shorten(withoutSecrets(text, sent))
}

/** Text from elsewhere, fit for a line of ours. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
}

/** Before it is cut: half a secret would not be known for one. */
function withoutSecrets(text: string, sent: Sent): string {
  const secrets = secretsIn(sent).flatMap(formsOf)
  const replaced = secrets.reduce((all, secret) => all.replaceAll(secret, MASK), text)
  return redact(secrets.reduce((all, secret) => all.replaceAll(oneLine(secret), MASK), oneLine(replaced)))
}

function secretsIn({ credentials, authorization }: Sent): string[] {
  const { username, password, identityToken, registryToken } = { ...credentials } as Readonly<Record<string, unknown>>
  const header = authorization?.slice(authorization.indexOf(' ') + 1)
  const basic = Buffer.from(`${String(username)}:${String(password ?? identityToken)}`).toString('base64')
  const all = [header, basic, password, identityToken, registryToken]
  return all.filter((secret): secret is string => typeof secret === 'string' && secret.trim() !== '')
}

/** A secret as it is, and as it goes over the wire. */
function formsOf(secret: string): string[] {
  const inForm = new URLSearchParams({ secret }).toString().slice('secret='.length)
  return [secret, encodeURIComponent(secret), inForm, JSON.stringify(secret).slice(1, -1)]
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}

function shorten(line: string): string {
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}…` : line
}
