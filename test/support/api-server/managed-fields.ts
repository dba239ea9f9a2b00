import { type Fields, isMap, type KubeObject, type ManagedFields, now, type Resource, same } from './objects.js'

/** Paths of fields, each as a JSON array; a map that a manager made has a path of its own that ends in '.'. */
export type FieldSet = ReadonlySet<string>

const SYSTEM = ['name', 'generateName', 'namespace', 'uid', 'resourceVersion', 'generation', 'creationTimestamp']
const NEVER = [...SYSTEM, 'deletionTimestamp', 'managedFields', 'selfLink']

/** The fields of `object` that a manager can own. `maps`: with the maps themselves, as an update owns them. */
export function fieldsOf(object: Partial<KubeObject>, resource: Resource, maps: boolean): Set<string> {
  const found = new Set<string>()
  for (const [field, value] of Object.entries(object)) {
    if (field === 'apiVersion' || field === 'kind' || resource.unmanaged?.includes(field) === true) continue
    if (field === 'metadata') {
      for (const [inner, content] of Object.entries(value as object)) {
        if (!NEVER.includes(inner)) collect(['metadata', inner], content, resource, maps, found)
      }
    } else collect([field], value, resource, maps, found)
  }
  return found
}

function collect(path: string[], value: unknown, resource: Resource, maps: boolean, found: Set<string>): void {
  const keys = isMap(value) ? Object.keys(value) : []
  if (keys.length === 0 || resource.atomic?.includes(path.join('.')) === true) {
    found.add(JSON.stringify(path))
    return
  }
  if (maps && path.join() !== 'spec') found.add(JSON.stringify([...path, '.']))
  for (const key of keys) collect([...path, key], (value as Record<string, unknown>)[key], resource, maps, found)
}

/** Paths in `set` whose value in `a` is another than in `b`. */
export function differing(set: FieldSet, a: unknown, b: unknown): string[] {
  return [...set].filter((path) => !same(valueAt(a, path), valueAt(b, path)))
}

/** The value at a path; for a map's own path, whether it is there. */
export function valueAt(object: unknown, path: string): unknown {
  let value = object
  for (const part of JSON.parse(path) as string[]) {
    if (part === '.') return value !== undefined
    value = isMap(value) ? value[part] : undefined
  }
  return value
}

/** `.data..dockerconfigjson`, as conflicts name a field. */
export function shownPath(path: string): string {
  return (JSON.parse(path) as string[]).map((part) => `.${part}`).join('')
}

function toFields(set: FieldSet): Fields {
  const root: Fields = {}
  for (const path of [...set].sort()) {
    let at = root
    for (const part of JSON.parse(path) as string[]) at = at[part === '.' ? '.' : `f:${part}`] ??= {}
  }
  return root
}

export function toSet(fields: Fields, path: readonly string[] = []): Set<string> {
  const found = new Set<string>()
  for (const [key, inner] of Object.entries(fields)) {
    const next = [...path, key === '.' ? '.' : key.slice(2)]
    if (Object.keys(inner).length === 0) found.add(JSON.stringify(next))
    else toSet(inner, next).forEach((each) => found.add(each))
  }
  return found
}

/** Who sends this: the parameter, else the user agent's first word, else `unknown`. */
export function managerOf(fieldManager: string | null, userAgent: string | undefined): string {
  if (fieldManager !== null && fieldManager !== '') return fieldManager
  const name = userAgent?.split('/')[0] ?? ''
  return name === '' ? 'unknown' : name
}

/** The entries after `manager` wrote `next` over `before` by create, update or patch: what it changed is now its own. */
export function updated(
  before: KubeObject | undefined,
  next: KubeObject,
  resource: Resource,
  manager: string,
): ManagedFields[] {
  const entries = before?.metadata.managedFields ?? []
  const all = new Set([...fieldsOf(next, resource, true), ...(before ? fieldsOf(before, resource, true) : [])])
  const changed = new Set(differing(all, before ?? {}, next))
  if (changed.size === 0) return entries
  const mine = entries.find((entry) => entry.manager === manager && entry.operation === 'Update')
  const own = new Set([...(mine ? toSet(mine.fieldsV1) : []), ...changed])
  const others = entries.filter((entry) => entry !== mine)
  const rest = others.map((entry) => withSet(entry, without(toSet(entry.fieldsV1), changed)))
  const set = new Set([...own].filter((path) => exists(next, path)))
  return sorted([...rest, entry(manager, 'Update', next.apiVersion, set)])
}

export function entry(
  manager: string,
  operation: 'Apply' | 'Update',
  apiVersion: string,
  set: FieldSet,
): ManagedFields {
  return { manager, operation, apiVersion, time: now(), fieldsType: 'FieldsV1', fieldsV1: toFields(set) }
}

export function withSet(entry: ManagedFields, set: FieldSet): ManagedFields {
  return { ...entry, fieldsV1: toFields(set) }
}

export function without(set: FieldSet, gone: FieldSet): Set<string> {
  return new Set([...set].filter((path) => !gone.has(path)))
}

/** Without those who own nothing any more; Apply first, then by name. */
export function sorted(entries: readonly ManagedFields[]): ManagedFields[] {
  const kept = entries.filter((each) => Object.keys(each.fieldsV1).length > 0)
  const rank = (each: ManagedFields): string => `${each.operation} ${each.manager}`
  return kept.sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
}

function exists(object: KubeObject, path: string): boolean {
  const value = valueAt(object, path)
  return value !== undefined && value !== false
}
