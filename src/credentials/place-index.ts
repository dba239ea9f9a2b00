import { matchHost, type Place } from './keyring-key.js'

/** Values filed under places, found by place: the host exactly or by a pattern, the port exactly, the path by prefix. */
export interface PlaceIndex<T> {
  readonly add: (place: Place, value: T) => void
  /** The values that match, in no order. */
  readonly find: (place: Place) => T[]
}

/**
 * Makes an index whose look-ups do not depend on the number of values, but on that of the matching ones and on how many
 * different lengths the keys have: every look-up asks a map for what a key of each length would have to be.
 */
export function createPlaceIndex<T>(): PlaceIndex<T> {
  const exactHosts = new Map<string, PrefixIndex<T>>()
  const patterns = new Map<string, Map<string, PrefixIndex<T>>>()
  const shapes = new Map<string, { readonly head: number; readonly tail: number }>()

  return {
    add: ({ host, port, path }, value) => {
      const head = host.indexOf('*')
      if (head === -1) {
        getOrMake(exactHosts, `${host}\n${port}`, createPrefixIndex).add(path, value)
        return
      }
      const tail = host.length - host.lastIndexOf('*') - 1
      shapes.set(`${head} ${tail}`, { head, tail })
      const alike = getOrMake(patterns, outline(host, head, tail, port), () => new Map<string, PrefixIndex<T>>())
      getOrMake(alike, host, createPrefixIndex).add(path, value)
    },

    find: ({ host, port, path }) => {
      const found = exactHosts.get(`${host}\n${port}`)?.find(path) ?? []
      for (const { head, tail } of shapes.values()) {
        if (head + tail > host.length) continue
        for (const [pattern, prefixes] of patterns.get(outline(host, head, tail, port)) ?? []) {
          if (matchHost(pattern, host)) found.push(...prefixes.find(path))
        }
      }
      return found
    },
  }
}

interface PrefixIndex<T> {
  readonly add: (prefix: string, value: T) => void
  readonly find: (text: string) => T[]
}

function createPrefixIndex<T>(): PrefixIndex<T> {
  const values = new Map<string, T[]>()
  const lengths = new Set<number>()
  return {
    add: (prefix, value) => {
      getOrMake(values, prefix, () => []).push(value)
      lengths.add(prefix.length)
    },
    find: (text) => {
      const found: T[] = []
      for (const length of lengths) {
        if (length <= text.length) found.push(...(values.get(text.slice(0, length)) ?? []))
      }
      return found
    },
  }
}

/** What stands before the first star and behind the last one, which a host has to have at its ends. */
function outline(host: string, head: number, tail: number, port: string): string {
  return `${host.slice(0, head)}\n${host.slice(host.length - tail)}\n${port}`
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
