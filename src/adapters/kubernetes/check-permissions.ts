import type { AuthorizationV1Api, V1PolicyRule, V1Role } from '@kubernetes/client-node'
import { authorizationApi, type KubernetesApi } from './api.js'
import { requireText } from './ensure.js'
import { type PullSecretRoleOptions, roleOf, rule, rulesFor } from './permissions.js'
import { type RequestOptions, type Session, sessionFor } from './session.js'

/** Options of {@link checkPermissions}: what is to be done, as for `pullSecretRole`, and where. */
export interface CheckPermissionsOptions extends PullSecretRoleOptions, RequestOptions {
  readonly namespace: string
}

/** One thing that may not be done. */
export interface MissingPermission {
  readonly verb: string
  /** `secrets` or `serviceaccounts`. */
  readonly resource: string
  /** The object it is about, where it is about one. */
  readonly name?: string
}

/** What may be done. */
export interface PermissionsResult {
  readonly allowed: boolean
  readonly missing: readonly MissingPermission[]
  /** The Role that grants what is missing; absent when nothing is. */
  readonly role?: V1Role
}

/**
 * Asks the API server whether the user of the kubeconfig may do what a strategy needs, without doing it. Everybody may
 * ask that (SelfSubjectAccessReview).
 *
 * @param api The user's own `KubeConfig`, `CoreV1Api` or `AuthorizationV1Api`.
 * @throws {PullpassError} `ERR_KUBERNETES_UNAUTHORIZED`, `ERR_KUBERNETES_UNAVAILABLE`, `ERR_KUBERNETES_UNREACHABLE`.
 * @throws {TypeError} When `namespace` is missing.
 */
export async function checkPermissions(
  api: KubernetesApi | AuthorizationV1Api,
  options: CheckPermissionsOptions,
): Promise<PermissionsResult> {
  const { namespace, name } = options
  requireText('namespace', namespace)
  const session = sessionFor(await authorizationApi(api), options)
  const wanted = rulesFor(options).flatMap(permissions)
  const answers = await Promise.all(wanted.map((each) => mayDo(session, namespace, each)))
  const missing = wanted.filter((_, index) => answers[index] !== true)
  if (missing.length === 0) return { allowed: true, missing }
  return { allowed: false, missing, role: roleOf(rulesOf(missing), name, namespace) }
}

function permissions({
  resources: [resource = ''] = [],
  resourceNames: [name] = [],
  verbs,
}: V1PolicyRule): MissingPermission[] {
  return verbs.map((verb) => ({ verb, resource, ...(name !== undefined && { name }) }))
}

async function mayDo(
  session: Session<AuthorizationV1Api>,
  namespace: string,
  wanted: MissingPermission,
): Promise<boolean> {
  const body = { spec: { resourceAttributes: { namespace, ...wanted } } }
  const target = { verb: 'create', resource: 'selfsubjectaccessreviews' }
  const review = await session.send(target, (api, how) => api.createSelfSubjectAccessReview({ body }, how))
  return review.status?.allowed === true
}

/** The verbs on one thing together. */
function rulesOf(missing: readonly MissingPermission[]): V1PolicyRule[] {
  const groups = Map.groupBy(missing, ({ resource, name }) => JSON.stringify([resource, name]))
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    return first
      ? [
          rule(
            first.resource,
            group.map(({ verb }) => verb),
            first.name,
          ),
        ]
      : []
  })
}
