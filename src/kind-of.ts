/**
 * What a value is, for a message: `a list`, `an object`, `a number`, `null`. Never the value itself: it may be a secret.
 */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** @throws {TypeError} Unless it is an object, and no promise of one. `name` is what the caller knows it by. */
export function checkObject(value: unknown, name: string): asserts value is object {
  if (value instanceof Promise) throw new TypeError(`${name} must be an object, not a promise: await it first`)
  if (typeof value !== 'object' || value === null)
    throw new TypeError(`${name} must be an object, not ${kindOf(value)}`)
}
