import { checkObject } from '../kind-of.js'
import type { Env } from './types.js'

/** A value that came from an environment variable, with the variable's name as it was found. */
export interface FromEnvironment {
  readonly variable: string
  readonly value: string
}

/**
 * Finds the environment variable for a configuration key: `opencti.daemon.registry.server` is
 * `OPENCTI__DAEMON__REGISTRY__SERVER`, in any case. An empty value counts as not set, as Compose files leave them.
 * Where several spellings are set, the all-capitals one wins, then the first in code-unit order.
 *
 * @throws {TypeError} When `env` is not an object.
 */
export function environmentReader(env: Env): (key: string) => FromEnvironment | undefined {
  checkObject(env, 'env')
  const byName = new Map<string, FromEnvironment>()
  for (const variable of Object.keys(env).sort()) {
    const value = env[variable]
    const name = variable.toUpperCase()
    if (value !== undefined && value !== '' && !byName.has(name)) byName.set(name, { variable, value })
  }
  return (key) => byName.get(variableOf(key))
}

/** The environment variable of a key or a section: `OPENCTI__DAEMON__REGISTRY` for `opencti.daemon.registry`. */
export function variableOf(path: string): string {
  return path.toUpperCase().replaceAll('.', '__')
}
