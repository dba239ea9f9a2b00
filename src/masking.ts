const inspect = Symbol.for('nodejs.util.inspect.custom')

/** What stands in the place of a secret wherever something is printed. */
export const MASK = '***'

/**
 * Gives `object` a printed form (`console.log`, `util.inspect`) in which the named fields read `***`. The object keeps
 * its fields, its prototype and its `JSON.stringify`: a wire format has to carry the secret, a log must not.
 */
export function maskWhenPrinted<T extends object>(object: T, secretFields: readonly string[]): T {
  return printedAs(object, () => {
    const shown = { ...object } as Record<string, unknown>
    for (const field of secretFields) if (shown[field] !== undefined) shown[field] = MASK
    return shown
  })
}

/** Gives `object` the printed form that `show` returns, without touching anything else about it. */
export function printedAs<T extends object>(object: T, show: () => unknown): T {
  return Object.defineProperty(object, inspect, { value: show, enumerable: false, configurable: true, writable: true })
}
