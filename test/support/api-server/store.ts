import { randomUUID } from 'node:crypto'
import { isMap, type KubeObject, now, type Resource } from './objects.js'

/** One change, as a watch reports it. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly resource: string
  readonly revision: number
  readonly object: KubeObject
  /** The object before it, which tells a watch with a selector whether it knew it. */
  readonly before?: KubeObject
}

/** Where the objects are: etcd with one revision counter, and the changes that watches replay. */
export class Store {
  #revision: number
  #oldest = 0
  readonly #objects = new Map<string, KubeObject>()
  #changes: Change[] = []
  readonly #listeners = new Set<(change: Change) => void>()

  constructor(revision: number) {
    this.#revision = revision
  }

  get revision(): number {
    return this.#revision
  }

  /** Watches that ask for an older revision than this are told that it is gone. */
  get oldest(): number {
    return this.#oldest
  }

  /** Forgets all changes so far, as etcd does after five minutes. */
  compact(): void {
    this.#changes = []
    this.#oldest = this.#revision
  }

  read(resource: Resource, namespace: string | undefined, name: string): KubeObject | undefined {
    return structuredClone(this.#objects.get(key(resource, namespace, name)))
  }

  list(resource: Resource, namespace: string | undefined): KubeObject[] {
    const prefix = namespace === undefined ? `${resource.plural}/` : `${resource.plural}/${namespace}/`
    const found = [...this.#objects].filter(([each]) => each.startsWith(prefix))
    return structuredClone(found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object))
  }

  /** Writes `object` under a new revision and returns it as it is stored. */
  write(resource: Resource, object: KubeObject): KubeObject {
    const at = key(resource, object.metadata.namespace, object.metadata.name)
    const before = this.#objects.get(at)
    const stored = structuredClone(object)
    stored.metadata.resourceVersion = String(++this.#revision)
    this.#objects.set(at, stored)
    const type = before === undefined ? 'ADDED' : 'MODIFIED'
    this.#report({
      type,
      resource: resource.plural,
      revision: this.#revision,
      object: stored,
      ...(before && { before }),
    })
    return structuredClone(stored)
  }

  remove(resource: Resource, object: KubeObject): void {
    this.#objects.delete(key(resource, object.metadata.namespace, object.metadata.name))
    const last = structuredClone(object)
    last.metadata.resourceVersion = String(++this.#revision)
    const change = { type: 'DELETED', resource: resource.plural, revision: this.#revision, object: last } as const
    this.#report({ ...change, before: object })
  }

  /** All changes after `revision`, then those to come, until the returned function is called. */
  follow(resource: Resource, revision: number, listener: (change: Change) => void): () => void {
    const mine = (change: Change): void => {
      if (change.resource === resource.plural) listener(change)
    }
    this.#changes.filter((change) => change.revision > revision).forEach(mine)
    this.#listeners.add(mine)
    return () => void this.#listeners.delete(mine)
  }

  #report(change: Change): void {
    this.#changes.push(change)
    this.#listeners.forEach((listener) => listener(change))
  }
}

/** What the server fills in before it stores a new object. */
export function born(object: KubeObject, namespace: string | undefined): KubeObject {
  const { name, ...rest } = object.metadata
  const made = { uid: randomUUID(), creationTimestamp: now() }
  return { ...object, metadata: { name, ...(namespace !== undefined && { namespace }), ...rest, ...made } }
}

function key(resource: Resource, namespace: string | undefined, name: string): string {
  return resource.namespaced ? `${resource.plural}/${namespace ?? ''}/${name}` : `${resource.plural}/${name}`
}

/** The value at a dotted path, as field selectors name it. */
export function fieldAt(object: unknown, path: string): unknown {
  let value = object
  for (const part of path.split('.')) value = isMap(value) ? value[part] : undefined
  return value
}
