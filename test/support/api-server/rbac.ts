import { type KubeObject, RESOURCES, type Resource } from './objects.js'
import { forbidden, unauthorized } from './status.js'
import type { Store } from './store.js'

/** What somebody wants to do. */
export interface Attributes {
  readonly verb: string
  readonly resource: Resource
  readonly namespace?: string | undefined
  readonly name?: string | undefined
}

/** Somebody who may do everything. */
export const ADMIN = 'kubernetes-admin'
const ANONYMOUS = 'system:anonymous'

interface Rule {
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

interface Subject {
  readonly kind: string
  readonly name: string
  readonly namespace?: string
}

/** Who sends a request, by its bearer token. Throws 401 for one that is not known. */
export function authenticate(authorization: string | undefined, tokens: ReadonlyMap<string, string>): string {
  if (authorization === undefined) return ANONYMOUS
  const user = tokens.get(authorization.replace(/^Bearer /, ''))
  if (user === undefined) throw unauthorized()
  return user
}

/** Throws 403 in the words of the API server unless a role allows it. */
export function authorize(store: Store, user: string, wanted: Attributes): void {
  if (user === ADMIN || grant(store, user, wanted) !== undefined) return
  const { verb, resource, namespace, name } = wanted
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const what = `cannot ${verb} resource "${resource.plural}" in API group "${resource.group}" ${where}`
  throw forbidden(resource, name, `User "${user}" ${what}`)
}

/** Why it is allowed, in the words of an access review; `undefined` where it is not. */
export function grant(store: Store, user: string, wanted: Attributes): string | undefined {
  if (user === ADMIN) return ''
  const bindings = [
    ...(wanted.namespace === undefined ? [] : store.list(kind('rolebindings'), wanted.namespace)),
    ...store.list(kind('clusterrolebindings'), undefined),
  ]
  for (const binding of bindings) {
    const subject = (binding['subjects'] as Subject[] | undefined)?.find((each) => userOf(each) === user)
    const role = subject && roleOf(store, binding)
    if (role && (role['rules'] as Rule[]).some((rule) => covers(rule, wanted))) return explain(binding, role, subject)
  }
  return undefined
}

function explain({ kind, metadata }: KubeObject, role: KubeObject, subject: Subject): string {
  const place = metadata.namespace === undefined ? '' : `/${metadata.namespace}`
  const who = subject.namespace === undefined ? subject.name : `${subject.name}/${subject.namespace}`
  return `RBAC: allowed by ${kind} "${metadata.name}${place}" of ${role.kind} "${role.metadata.name}" to ${subject.kind} "${who}"`
}

function covers(rule: Rule, { verb, resource, name }: Attributes): boolean {
  const has = (list: readonly string[] | undefined, word: string): boolean =>
    list?.some((each) => each === word || each === '*') === true
  if (!has(rule.verbs, verb) || !has(rule.apiGroups, resource.group) || !has(rule.resources, resource.plural))
    return false
  const names = rule.resourceNames ?? []
  return names.length === 0 || (name !== undefined && names.includes(name))
}

function roleOf(store: Store, binding: KubeObject): KubeObject | undefined {
  const ref = binding['roleRef'] as { kind: string; name: string }
  const resource = kind(ref.kind === 'Role' ? 'roles' : 'clusterroles')
  return store.read(resource, binding.metadata.namespace, ref.name)
}

function userOf(subject: Subject): string {
  if (subject.kind !== 'ServiceAccount') return subject.name
  return `system:serviceaccount:${subject.namespace ?? ''}:${subject.name}`
}

function kind(plural: string): Resource {
  return RESOURCES.find((each) => each.plural === plural)!
}
