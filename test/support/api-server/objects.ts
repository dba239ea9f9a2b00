/** A Kubernetes object as JSON has it. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: Metadata
  [field: string]: unknown
}

export interface Metadata {
  name: string
  namespace?: string
  generateName?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  finalizers?: string[]
  labels?: Record<string, string>
  annotations?: Record<string, string>
  managedFields?: ManagedFields[]
  [field: string]: unknown
}

export interface ManagedFields {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  time: string
  fieldsType: 'FieldsV1'
  fieldsV1: Fields
}

export interface Fields {
  [field: string]: Fields
}

/** A kind of object and how the server keeps it. */
export interface Resource {
  /** `secrets`, as in the path. */
  readonly plural: string
  readonly kind: string
  /** '' for the core group. */
  readonly group: string
  readonly namespaced: boolean
  /** Fields that belong to one manager as a whole, though they are maps. */
  readonly atomic?: readonly string[]
  /** Fields that clients do not own. */
  readonly unmanaged?: readonly string[]
}

const RBAC = 'rbac.authorization.k8s.io'

export const RESOURCES: readonly Resource[] = [
  { plural: 'namespaces', kind: 'Namespace', group: '', namespaced: false, unmanaged: ['spec', 'status'] },
  { plural: 'secrets', kind: 'Secret', group: '', namespaced: true },
  { plural: 'serviceaccounts', kind: 'ServiceAccount', group: '', namespaced: true },
  { plural: 'pods', kind: 'Pod', group: '', namespaced: true, unmanaged: ['status'] },
  { plural: 'deployments', kind: 'Deployment', group: 'apps', namespaced: true, unmanaged: ['status'] },
  { plural: 'events', kind: 'Event', group: '', namespaced: true },
  { plural: 'roles', kind: 'Role', group: RBAC, namespaced: true },
  { plural: 'rolebindings', kind: 'RoleBinding', group: RBAC, namespaced: true, atomic: ['roleRef'] },
  { plural: 'clusterroles', kind: 'ClusterRole', group: RBAC, namespaced: false },
  { plural: 'clusterrolebindings', kind: 'ClusterRoleBinding', group: RBAC, namespaced: false, atomic: ['roleRef'] },
]

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b)
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isMap(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  )
}

export function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z')
}
