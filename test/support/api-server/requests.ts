import { applied } from './apply.js'
import { prepared, validate, warningsFor, withDefaults } from './kinds.js'
import { managerOf, updated } from './managed-fields.js'
import { isMap, type KubeObject, now, type Resource, same } from './objects.js'
import { jsonPatch, mergePatch, strategicMergePatch } from './patch.js'
import { selects } from './selectors.js'
import * as failures from './status.js'
import { born, type Store } from './store.js'

/** One request, taken apart. */
export interface Call {
  readonly method: string
  readonly resource: Resource
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly query: URLSearchParams
  readonly contentType: string
  readonly userAgent: string | undefined
  readonly body: unknown
}

export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly warnings?: readonly string[]
}

/** A `Secret` in the core group is `v1`. */
function apiVersion({ group }: Resource): string {
  return group === '' ? 'v1' : `${group}/v1`
}

export function list(store: Store, { resource, namespace, query }: Call): Answer {
  const found = store.list(resource, namespace).filter(selects(query))
  const limit = Number(query.get('limit') ?? 0) || found.length
  const start = Number(query.get('continue') ?? 0)
  const items = found.slice(start, start + limit).map(withoutType)
  const left = found.length - start - items.length
  const next = left > 0 ? { continue: String(start + limit), remainingItemCount: left } : {}
  const metadata = { resourceVersion: String(store.revision), ...next }
  return { status: 200, body: { kind: `${resource.kind}List`, apiVersion: apiVersion(resource), metadata, items } }
}

/** Items of a list do not say what they are. */
function withoutType(object: KubeObject): object {
  return Object.fromEntries(Object.entries(object).filter(([field]) => field !== 'apiVersion' && field !== 'kind'))
}

export function get(store: Store, call: Call): Answer {
  return { status: 200, body: existing(store, call) }
}

export function create(store: Store, call: Call): Answer {
  const { resource } = call
  const sent = asObject(call)
  if (sent.metadata.resourceVersion !== undefined) {
    throw failures.internal('resourceVersion should not be set on objects to be created')
  }
  const { generateName } = sent.metadata
  const suffix = Math.random().toString(36).slice(2, 7).padEnd(5, '0')
  const name = sent.metadata.name || (generateName === undefined ? '' : `${generateName.slice(0, 58)}${suffix}`)
  const named = withDefaults(resource, { ...sent, metadata: { ...sent.metadata, name } })
  return insert(store, call, named, (object) => updated(undefined, object, resource, manager(call)))
}

type Owners = (object: KubeObject) => KubeObject['metadata']['managedFields']

function insert(store: Store, { resource, namespace, query }: Call, named: KubeObject, owners: Owners): Answer {
  const { name } = named.metadata
  admit(store, resource, namespace, name)
  validate(resource, named)
  const present = store.read(resource, namespace, name)
  if (present) throw failures.alreadyExists(resource, name, present.metadata.deletionTimestamp !== undefined)
  const object = born(named, namespace)
  object.metadata.managedFields = owners(named) ?? []
  const complete = prepared(resource, object)
  const stored = query.get('dryRun') === 'All' ? complete : store.write(resource, complete)
  return { status: 201, body: stored, warnings: warningsFor(resource, named) }
}

/** Admission: nothing new in a namespace that is not there or going away. */
function admit(store: Store, resource: Resource, namespace: string | undefined, name: string): void {
  if (namespace === undefined) return
  const found = store.read({ ...resource, plural: 'namespaces', namespaced: false }, undefined, namespace)
  if (!found) throw failures.notFound({ ...resource, plural: 'namespaces', group: '' }, namespace)
  if (found.metadata.deletionTimestamp !== undefined) throw failures.terminating(resource, name, namespace)
}

export function replace(store: Store, call: Call): Answer {
  const { resource, name = '' } = call
  const before = existing(store, call)
  const sent = asObject(call)
  if (sent.metadata.name !== name) {
    throw failures.badRequest(
      `the name of the object (${sent.metadata.name}) does not match the name on the URL (${name})`,
    )
  }
  const next = withDefaults(resource, { ...sent, metadata: { ...sent.metadata, ...identity(before) } })
  checkVersion(resource, before, sent.metadata.resourceVersion)
  return change(store, call, before, next)
}

export function patch(store: Store, call: Call): Answer {
  const { resource, contentType } = call
  if (contentType.startsWith('application/apply-patch')) return apply(store, call)
  const types = ['json-patch', 'merge-patch', 'strategic-merge-patch'].map((type) => `application/${type}+json`)
  if (!types.includes(contentType)) throw failures.unsupportedMediaType()
  if (call.query.has('force')) {
    const cause = { reason: 'FieldValueForbidden', message: 'Forbidden: may not be specified for non-apply patch' }
    throw failures.invalid('PatchOptions', '', [{ ...cause, field: 'force' }], 'meta.k8s.io')
  }
  const before = existing(store, call)
  const { object, warnings } = patched(contentType, before, call.body)
  const next = withDefaults(resource, object as KubeObject)
  checkVersion(resource, before, next.metadata.resourceVersion)
  next.metadata = { ...next.metadata, ...identity(before) }
  return { ...change(store, call, before, next), warnings }
}

function patched(
  contentType: string,
  before: KubeObject,
  body: unknown,
): { object: unknown; warnings: readonly string[] } {
  if (contentType === 'application/json-patch+json') return { object: jsonPatch(before, body), warnings: [] }
  if (contentType === 'application/merge-patch+json') return { object: mergePatch(before, body), warnings: [] }
  return strategicMergePatch(before, body)
}

function apply(store: Store, call: Call): Answer {
  const { resource, namespace, name = '', query } = call
  const fieldManager = query.get('fieldManager')
  if (fieldManager === null || fieldManager === '') {
    const cause = { reason: 'FieldValueRequired', message: 'Required value: is required for apply patch' }
    throw failures.invalid('PatchOptions', '', [{ ...cause, field: 'fieldManager' }], 'meta.k8s.io')
  }
  const config = asObject(call)
  const how = { manager: fieldManager, force: query.get('force') === 'true' }
  const before = store.read(resource, namespace, name)
  if (!before) {
    const named = withDefaults(resource, config)
    return insert(store, call, named, () => applied(undefined, config, resource, how).metadata.managedFields)
  }
  const next = withDefaults(resource, applied(before, config, resource, how))
  return write(store, call, before, next)
}

/** A change by update or patch: who changed what is written down, and nothing is written where nothing changed. */
function change(store: Store, call: Call, before: KubeObject, next: KubeObject): Answer {
  next.metadata.managedFields = updated(before, next, call.resource, manager(call))
  return write(store, call, before, next)
}

function write(store: Store, { resource, query }: Call, before: KubeObject, next: KubeObject): Answer {
  validate(resource, next, before)
  if (same(before, next)) return { status: 200, body: before }
  const { generation } = before.metadata
  if (generation !== undefined && !same(before['spec'], next['spec'])) next.metadata.generation = generation + 1
  return { status: 200, body: query.get('dryRun') === 'All' ? next : store.write(resource, next) }
}

export function remove(store: Store, call: Call): Answer {
  const { resource, name = '', query } = call
  const object = existing(store, call)
  const { uid = '', resourceVersion = '' } = object.metadata
  const preconditions = isMap(call.body) && isMap(call.body['preconditions']) ? call.body['preconditions'] : {}
  const { uid: wantedUid, resourceVersion: wantedVersion } = preconditions as { uid?: string; resourceVersion?: string }
  if (wantedUid !== undefined && wantedUid !== uid) {
    const what = `the UID in the precondition (${wantedUid}) does not match the UID in record (${uid})`
    throw failures.preconditionFailed(resource, name, `${what}. The object might have been deleted and then recreated`)
  }
  if (wantedVersion !== undefined && wantedVersion !== resourceVersion) {
    const record = `the ResourceVersion in record (${resourceVersion})`
    const what = `the ResourceVersion in the precondition (${wantedVersion}) does not match ${record}`
    throw failures.preconditionFailed(resource, name, `${what}. The object might have been modified`)
  }
  const isNamespace = resource.plural === 'namespaces'
  if (isNamespace || (object.metadata.finalizers ?? []).length > 0) {
    object.metadata.deletionTimestamp ??= now()
    if (isNamespace) object['status'] = { phase: 'Terminating' }
    return { status: 200, body: store.write(resource, object) }
  }
  if (query.get('dryRun') !== 'All') store.remove(resource, object)
  const details = { name, kind: resource.plural, uid }
  return { status: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } }
}

function existing(store: Store, { resource, namespace, name = '' }: Call): KubeObject {
  const found = store.read(resource, namespace, name)
  if (!found) throw failures.notFound(resource, name)
  return found
}

function asObject({ resource, namespace, name = '', body }: Call): KubeObject {
  if (!isMap(body)) throw failures.badRequest(`the object provided is unrecognized: ${typeof body}`)
  const metadata = isMap(body['metadata']) ? body['metadata'] : {}
  if (namespace !== undefined && metadata['namespace'] !== undefined && metadata['namespace'] !== namespace) {
    throw failures.badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  const sent = { name, ...metadata }
  return { ...structuredClone(body), apiVersion: apiVersion(resource), kind: resource.kind, metadata: sent }
}

/** What no update can change. */
function identity({
  metadata: { uid, resourceVersion, creationTimestamp, managedFields, namespace },
}: KubeObject): object {
  return {
    uid,
    resourceVersion,
    creationTimestamp,
    ...(managedFields && { managedFields }),
    ...(namespace && { namespace }),
  }
}

function checkVersion(resource: Resource, before: KubeObject, wanted: string | undefined): void {
  if (wanted !== undefined && wanted !== before.metadata.resourceVersion) {
    throw failures.modified(resource, before.metadata.name)
  }
}

function manager({ query, userAgent }: Call): string {
  return managerOf(query.get('fieldManager'), userAgent)
}
