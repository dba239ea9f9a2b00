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

/** As it is, in JSON, in a path, in a query, and in both alphabets of base64, with its padding or without. */
function formsOf(secret: string): string[] {
  const base64 = encodeBase64(secret)
  const base64Url = base64.replaceAll('+', '-').replaceAll('/', '_')
  const inPath = encodeURIComponent(secret.toWellFormed())
  const forms = [secret, JSON.stringify(secret).slice(1, -1), inPath, inPath.replaceAll('%20', '+'), base64, base64Url]
  return [...forms, ...[base64, base64Url].map((form) => form.replace(/=+$/, ''))]
}
