import { PullpassError } from '../errors.js'
import { kindOf } from '../kind-of.js'
import { quote } from './quote.js'
import { flag } from './values.js'

/**
 * Reads a setting that is true or false, as itself or, from an environment variable, as text in any case.
 *
 * @param field Names the value in errors.
 * @returns `undefined` for `undefined`.
 * @throws {PullpassError} `ERR_SETTINGS` for anything else.
 */
export function readFlag(value: unknown, field: string): boolean | undefined {
  if (value === undefined) return undefined
  const read = flag.safeParse(value)
  if (read.success) return read.data
  const found = typeof value === 'string' ? quote(value.trim()) : kindOf(value)
  throw new PullpassError('ERR_SETTINGS', `${field}: found ${found}, expected true or false`, {
    hint: `Set ${field} to true or to false.`,
  })
}
