import { PullpassError } from '../errors.js'
import { kindOf } from '../kind-of.js'
import { quote } from './quote.js'

/**
 * Reads a setting that is true or false, as itself or, from an environment variable, as text in any case.
 *
 * @param field Names the value in errors.
 * @returns `undefined` for `undefined`.
 * @throws {PullpassError} `ERR_SETTINGS` for anything else.
 */
export function readFlag(value: unknown, field: string): boolean | undefined {
  const flag = flagFromText(value)
  if (flag === undefined || typeof flag === 'boolean') return flag
  const found = typeof value === 'string' ? quote(value.trim()) : kindOf(value)
  throw new PullpassError('ERR_SETTINGS', `${field}: found ${found}, expected true or false`, {
    hint: `Set ${field} to true or to false.`,
  })
}

/** `true` and `false` for their names in any case; anything else as it is. */
export function flagFromText(value: unknown): unknown {
  const text = typeof value === 'string' ? value.trim().toLowerCase() : undefined
  return text === 'true' ? true : text === 'false' ? false : value
}
