import { encodeBase64 } from '../credentials/base64.js'
import { MASK } from '../masking.js'

/** Shorter ones stand in many a word by chance. */
const SHORTEST = 6

/** The text with `***` for these secrets, in each form in which a server may repeat them. */
export function cutSecrets(text: string, secrets: readonly string[]): string {
  const forms = secrets.filter(({ length }) => length >= SHORTEST).flatMap(formsOf)
  // The longest first: a secret can be a part of its own form.
  return forms.sort((a, b) => b.length - a.length).reduce((all, form) => all.replaceAll(form, MASK), text)
}

/** As it is, in JSON, in a path, in a query, and in both alphabets of base64. */
function formsOf(secret: string): string[] {
  const base64 = encodeBase64(secret).replace(/=+$/, '')
  const inUrl = encodeURIComponent(secret.toWellFormed())
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    inUrl,
    inUrl.replaceAll('%20', '+'),
    base64,
    base64.replaceAll('+', '-').replaceAll('/', '_'),
  ]
}
