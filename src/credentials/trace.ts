import { isIdentityToken, isRegistryToken } from './check.js'
import type { Credentials } from './types.js'

/** What became of one source: a line of a trace. Never a secret. */
export interface TraceLine {
  /** The name of the source. */
  readonly source: string
  /** `found` ends the search: sources behind it are `not asked`. `nothing` goes on to the next. */
  readonly outcome: 'found' | 'nothing' | 'not asked'
  /** What the source was asked for: the registry, as the source calls it. Absent when it was not asked. */
  readonly asked?: string
  /** What it had: `user 'ci'`, `an identity token`. Absent when it had nothing. */
  readonly found?: string
  /** Where it was, or why there was nothing. Empty where there is nothing to say. */
  readonly detail: string
}

/** A trace as text, a line a source: `settings: nothing for ghcr.io (credentials are for registry.example.com)`. */
export function formatTrace(trace: readonly TraceLine[]): string {
  return trace.length === 0 ? 'no source of credentials was asked' : trace.map(formatLine).join('\n')
}

function formatLine({ source, outcome, asked, found, detail }: TraceLine): string {
  const what = found === undefined ? outcome : `found ${found}`
  const scope = asked === undefined ? '' : ` for ${asked}`
  return `${source}: ${what}${scope}${detail === '' ? '' : ` (${detail})`}`
}

/** What credentials are, without their secrets: `user 'ci'`. */
export function describeCredentials(credentials: Credentials): string {
  if (isRegistryToken(credentials)) return 'a registry token'
  const user = credentials.username === undefined ? '' : `user '${credentials.username}'`
  if (!isIdentityToken(credentials)) return user
  return user === '' ? 'an identity token' : `an identity token of ${user}`
}
