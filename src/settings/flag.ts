import { PullpassError } from '../errors.js'

/**
 * Reads a setting that is true or false, as itself or, from an environment variable, as text in any case.
 *
 * @param field Names the value in errors.
 * @returns `undefined` for `undefined`.
 * @throws {PullpassError} `ERR_SETTINGS` for anything else.
 */
export function readFlag(value: unknown, field: string): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value
  const text = typeof value === 'string' ? value.trim() : undefined
  if (text?.toLowerCase() === 'true') return true
  if (text?.toLowerCase() === 'false') return false
  const found = text === undefined ? `a value of type ${typeof value}` : `'${text.slice(0, 100)}'`
  throw new PullpassError('ERR_SETTINGS', `${field}: found ${found}, expected true or false`, {
    hint: `Set ${field} to true or to false.`,
  })
}
