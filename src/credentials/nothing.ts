import type { ProviderObject } from './chain.js'

/** A source that is known to have nothing before anybody asks. The reason goes into the trace. */
export function nothing(name: string, reason: string): ProviderObject {
  return {
    name,
    provide: (_reference, { note }) => {
      note(reason)
      return undefined
    },
  }
}
