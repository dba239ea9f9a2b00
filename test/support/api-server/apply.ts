import { differing, entry, fieldsOf, shownPath, sorted, toSet, valueAt, without, withSet } from './managed-fields.js'
import { isMap, type KubeObject, type ManagedFields, type Resource } from './objects.js'
import { applyConflict } from './status.js'

/** Server-side apply: what `live` becomes when `manager` applies `applied`. Throws the conflict with other managers. */
export function applied(
  live: KubeObject | undefined,
  config: KubeObject,
  resource: Resource,
  { manager, force }: { readonly manager: string; readonly force: boolean },
): KubeObject {
  const set = fieldsOf(config, resource, false)
  const entries = live?.metadata.managedFields ?? []
  const mine = entries.find((each) => each.manager === manager && each.operation === 'Apply')
  const others = entries.filter((each) => each !== mine)
  const taken = conflicts(others, set, live, config)
  if (taken.length > 0 && !force) throw refusal(taken)

  const next = merged(live ?? config, config, resource) as KubeObject
  const left = others.map((each) => {
    const lost = taken.filter((conflict) => conflict.with === each).map(({ path }) => path)
    return withSet(each, without(toSet(each.fieldsV1), new Set(lost)))
  })
  const owned = new Set(left.flatMap((each) => [...toSet(each.fieldsV1)]))
  const dropped = [...(mine ? toSet(mine.fieldsV1) : [])].filter((path) => !set.has(path) && !owned.has(path))
  for (const path of dropped) remove(next, JSON.parse(path) as string[])

  const own = entry(manager, 'Apply', config.apiVersion, set)
  const managedFields = sorted([...left, own])
  const metadata = { ...next.metadata, managedFields: keepTimes(managedFields, entries) }
  return { ...next, metadata }
}

interface Conflict {
  readonly with: ManagedFields
  readonly path: string
}

function conflicts(others: ManagedFields[], set: ReadonlySet<string>, live: unknown, config: KubeObject): Conflict[] {
  const changed = new Set(differing(set, live, config))
  return others.flatMap((each) =>
    [...toSet(each.fieldsV1)].filter((path) => changed.has(path)).map((path) => ({ with: each, path })),
  )
}

function refusal(taken: readonly Conflict[]): Error {
  const causes = taken.map((conflict) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${shownManager(conflict.with)}`,
    field: shownPath(conflict.path),
  }))
  const [first] = causes
  if (first && causes.length === 1) {
    return applyConflict(`Apply failed with 1 conflict: ${first.message}: ${first.field}`, causes)
  }
  const managers = [...new Set(taken.map((conflict) => conflict.with))]
  const lists = managers.map((manager) => {
    const paths = taken.filter((conflict) => conflict.with === manager).map(({ path }) => `- ${shownPath(path)}`)
    return `conflicts with ${shownManager(manager)}:\n${paths.join('\n')}`
  })
  return applyConflict(`Apply failed with ${taken.length} conflicts: ${lists.join('\n')}`, causes)
}

function shownManager({ manager, operation, apiVersion }: ManagedFields): string {
  return operation === 'Update' ? `"${manager}" using ${apiVersion}` : `"${manager}"`
}

/** Maps are merged, all else is replaced. */
function merged(live: unknown, config: unknown, resource: Resource, path: readonly string[] = []): unknown {
  if (!isMap(live) || !isMap(config) || resource.atomic?.includes(path.join('.')) === true) return config
  const result: Record<string, unknown> = { ...live }
  for (const [key, value] of Object.entries(config)) result[key] = merged(live[key], value, resource, [...path, key])
  return result
}

function remove(object: unknown, path: readonly string[]): void {
  const holder = path.length === 1 ? object : valueAt(object, JSON.stringify(path.slice(0, -1)))
  if (isMap(holder)) Reflect.deleteProperty(holder, path.at(-1) ?? '')
}

/** An entry that did not change keeps its time, so that applying the same again changes nothing. */
function keepTimes(entries: readonly ManagedFields[], before: readonly ManagedFields[]): ManagedFields[] {
  return entries.map((each) => {
    const old = before.find(({ manager, operation }) => manager === each.manager && operation === each.operation)
    return old && JSON.stringify(old.fieldsV1) === JSON.stringify(each.fieldsV1) ? old : each
  })
}
