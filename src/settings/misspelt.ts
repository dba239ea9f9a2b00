import { variableOf } from './environment.js'
import { quote } from './quote.js'
import { keysOf, sections } from './sections.js'
import type { Env } from './types.js'

/** A longer name is no misspelt one. */
const LONGEST = 80

/** What the keys of the registry sections are taken for. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  url: ['server'],
  server: ['url'],
  host: ['server', 'url'],
  user: ['username'],
  pass: ['password'],
  token: ['password'],
}

/** A sentence for a key of the section at `path` that is none of those that it knows. */
export function unknownKey(path: string, key: string, known: readonly string[]): string {
  const nearest = otherNames[key]?.find((name) => known.includes(name)) ?? nearestName(key, known)
  const advice = nearest === undefined ? `; known are ${known.join(', ')}` : `: did you mean ${nearest}?`
  return `${path === '' ? '' : `${path}.`}${shown(key)} is not a known key and was ignored${advice}`
}

/**
 * A sentence for each key outside the registry sections that looks like one of those that pullpass reads, or that lead
 * there: with `registery` for `registry`, no registry is configured. All other keys are none of our business.
 */
export function misspeltKeys(config: unknown): string[] {
  return [...openPlaces()].flatMap(([path, known]) => {
    const inCapitals = path === '' ? known.map((name) => name.toUpperCase()) : []
    return Object.keys(objectAt(config, path))
      .filter((key) => !known.includes(key) && !inCapitals.includes(key))
      .filter((key) => nearestName(key, known) !== undefined)
      .map((key) => unknownKey(path, key, known))
  })
}

/** The names that pullpass looks for, by the place where it does; those whose keys are checked one by one left out. */
function openPlaces(): Map<string, string[]> {
  const places = new Map<string, string[]>()
  for (const section of sections.filter(({ orchestrators }) => orchestrators.length > 0)) {
    for (const { path } of keysOf(section)) {
      const names = path.split('.')
      for (const [index, name] of names.entries()) {
        const place = names.slice(0, index).join('.')
        const known = places.get(place) ?? []
        if (!known.includes(name)) places.set(place, [...known, name])
      }
    }
  }
  for (const { path, closed } of sections) if (closed) places.delete(path)
  return places
}

/**
 * A sentence for each environment variable that looks like one of those that pullpass reads (`OPENCTI_DAEMON_…` with
 * single lines), or that is for a registry section, which does not know it.
 */
export function misspeltVariables(env: Env): string[] {
  const read = sections.map((section) => ({
    prefix: section.closed ? `${variableOf(section.path)}__` : undefined,
    variables: keysOf(section).map(({ path }) => variableOf(path)),
  }))
  const known = read.flatMap(({ variables }) => variables)
  return Object.keys(env).flatMap((name) => {
    const written = name.toUpperCase()
    if (!written.startsWith('OPENCTI_') || known.includes(written) || (env[name] ?? '') === '') return []
    const nearest = nearestName(written, known)
    if (nearest !== undefined) return [`${shown(name)} is not read: did you mean ${nearest}?`]
    const section = read.find(({ prefix }) => prefix !== undefined && written.startsWith(prefix))
    return section ? [`${shown(name)} is not read; known are ${section.variables.join(', ')}`] : []
  })
}

function nearestName(written: string, known: readonly string[]): string | undefined {
  if (written.length > LONGEST) return undefined
  const name = plain(written)
  const allowed = name.length < 5 ? 1 : 2
  const near = known.map((each) => ({ each, edits: editDistance(name, plain(each), allowed) }))
  const [nearest] = near.filter(({ edits }) => edits <= allowed).sort((one, other) => one.edits - other.edits)
  return nearest?.each
}

/** `withProxy` and `with-proxy` are `with_proxy`. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '')
}

/** Levenshtein's; `Infinity` where the lengths alone show that it is more than `limit`. */
function editDistance(one: string, other: string, limit: number): number {
  if (Math.abs(one.length - other.length) > limit) return Infinity
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 0; i < one.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < other.length; j++) {
      const replaced = (row[j] ?? 0) + (one[i] === other[j] ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

function objectAt(config: unknown, path: string): object {
  let value = config
  for (const name of path === '' ? [] : path.split('.')) {
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
  }
  return typeof value === 'object' && value !== null ? value : {}
}

/** A name that somebody wrote may be a secret in the wrong place. */
function shown(name: string): string {
  return quote(name).slice(1, -1)
}
