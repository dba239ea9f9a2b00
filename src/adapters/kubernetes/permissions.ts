import type { V1PolicyRule, V1Role, V1RoleBinding } from '@kubernetes/client-node'
import { checkObject } from '../../kind-of.js'
import type { PullSecretStrategy } from './ensure.js'
import { PULL_SECRET_NAME } from './pull-secret.js'

/** What is to be done, for {@link pullSecretRole}. */
export interface PullSecretRoleOptions {
  /** As for `ensureImagePullSecret`. Default `'recreate'`. */
  readonly strategy?: PullSecretStrategy | undefined
  /** The name of the pull secret, to which `'apply'` is narrowed. Default `opencti-registry-auth`. */
  readonly secret?: string | undefined
  /** The service account that the secret is attached to. Default: none, it is attached to nothing. */
  readonly serviceAccount?: string | undefined
  /** The name of the Role. Default `pullpass`. */
  readonly name?: string | undefined
  /** Default: none, the caller's API call decides. */
  readonly namespace?: string | undefined
}

/** Whose the permissions are to be, for {@link pullSecretRoleBinding}. */
export interface PullSecretRoleBindingOptions {
  /** The service account that the program runs as, and the namespace it is in. */
  readonly subject: { readonly name: string; readonly namespace: string }
  /** The name of the Role and of the RoleBinding. Default `pullpass`. */
  readonly name?: string | undefined
  /** The namespace of the Role and of the RoleBinding. Default: none, the caller's API call decides. */
  readonly namespace?: string | undefined
}

const ROLE_NAME = 'pullpass'
const RBAC_GROUP = 'rbac.authorization.k8s.io'
const RBAC_VERSION = `${RBAC_GROUP}/v1`

/**
 * The Role with what is needed for a strategy, and no more. `'recreate'`: get, list, create and delete on secrets.
 * `'apply'`: create, and get, patch and delete on the one secret (delete is for one that is immutable). With
 * `serviceAccount`: get and patch on that one.
 */
export function pullSecretRole(options: PullSecretRoleOptions = {}): V1Role {
  const { name = ROLE_NAME, namespace } = options
  return roleOf(rulesFor(options), name, namespace)
}

/**
 * The RoleBinding that gives a program's service account the Role of {@link pullSecretRole}.
 *
 * @throws {TypeError} `subject` is missing.
 */
export function pullSecretRoleBinding(options: PullSecretRoleBindingOptions): V1RoleBinding {
  const { subject, name = ROLE_NAME, namespace } = options
  checkObject(subject, 'subject')
  return {
    apiVersion: RBAC_VERSION,
    kind: 'RoleBinding',
    metadata: { name, ...(namespace !== undefined && { namespace }) },
    roleRef: { apiGroup: RBAC_GROUP, kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name: subject.name, namespace: subject.namespace }],
  }
}

/** A Role with these rules. */
export function roleOf(rules: V1PolicyRule[], name: string = ROLE_NAME, namespace?: string): V1Role {
  const metadata = { name, ...(namespace !== undefined && { namespace }) }
  return { apiVersion: RBAC_VERSION, kind: 'Role', metadata, rules }
}

/** The rules of {@link pullSecretRole}. */
export function rulesFor({
  strategy,
  secret = PULL_SECRET_NAME,
  serviceAccount,
}: PullSecretRoleOptions): V1PolicyRule[] {
  const rules = strategy === 'apply' ? applyRules(secret) : [rule('secrets', ['get', 'list', 'create', 'delete'])]
  return serviceAccount === undefined ? rules : [...rules, rule('serviceaccounts', ['get', 'patch'], serviceAccount)]
}

/** RBAC cannot narrow `create` to a name. */
function applyRules(secret: string): V1PolicyRule[] {
  return [rule('secrets', ['get', 'patch', 'delete'], secret), rule('secrets', ['create'])]
}

/** A rule about the core group. */
export function rule(resource: string, verbs: string[], name?: string): V1PolicyRule {
  return { apiGroups: [''], resources: [resource], ...(name !== undefined && { resourceNames: [name] }), verbs }
}
