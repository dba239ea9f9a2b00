import type { V1ObjectMeta, V1Secret } from '@kubernetes/client-node'
import { ApiError, type Target } from './api-error.js'
import { maskedSecret, secretsIn } from './secret-data.js'
import type { SendOptions, Session } from './session.js'

/** Whose writes these are, in the `managedFields` of what is written. */
export const FIELD_MANAGER = 'pullpass'

/** The requests about one secret. */
export interface SecretRequests {
  /** `undefined` when there is none. */
  read(options?: SendOptions): Promise<V1Secret | undefined>
  create(secret: V1Secret, options?: SendOptions): Promise<V1Secret>
  /** Whether the server would take the secret, under a name of its own: under this one it would be a conflict. */
  tryCreate(secret: V1Secret): Promise<void>
  /** Deletes this very version, and answers `false` when there is another one by now. */
  remove(secret: V1Secret, options?: SendOptions): Promise<boolean>
  apply(secret: V1Secret, options: { readonly fieldManager: string; readonly force: boolean }): Promise<V1Secret>
}

export function secretRequests(session: Session, namespace: string, name: string): SecretRequests {
  const target = (verb: string): Target => ({ verb, resource: 'secrets', namespace, name })
  return {
    read: async (options) => {
      try {
        const call = session.send(
          target('get'),
          (core, how) => core.readNamespacedSecret({ namespace, name }, how),
          options,
        )
        return maskedSecret(await call)
      } catch (error) {
        if (isStatus(error, 404)) return undefined
        throw error
      }
    },
    create: async (body, options) => {
      const request = { namespace, body, fieldManager: FIELD_MANAGER }
      const secrets = secretsIn(body)
      const call = session.send(target('create'), (core, how) => core.createNamespacedSecret(request, how), {
        ...options,
        secrets,
      })
      return maskedSecret(await call)
    },
    tryCreate: async (secret) => {
      const { labels, annotations } = secret.metadata ?? {}
      const metadata = { generateName: `${name}-`, namespace, labels, annotations }
      const body: V1Secret = { ...(secret as object), metadata: withoutUndefined(metadata) }
      const request = { namespace, body, dryRun: 'All', fieldManager: FIELD_MANAGER }
      const secrets = secretsIn(secret)
      await session.send(target('create'), (core, how) => core.createNamespacedSecret(request, how), { secrets })
    },
    remove: async ({ metadata: { uid, resourceVersion } = {} }, options) => {
      const preconditions = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) }
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions }
      try {
        const request = { namespace, name, body }
        await session.send(target('delete'), (core, how) => core.deleteNamespacedSecret(request, how), options)
      } catch (error) {
        if (isStatus(error, 409)) return false
        if (!isStatus(error, 404)) throw error
      }
      return true
    },
    apply: async (body, how) => {
      const request = { namespace, name, body, ...how }
      const options = { contentType: 'application/apply-patch+yaml', secrets: secretsIn(body) }
      const call = session.send(target('patch'), (core, more) => core.patchNamespacedSecret(request, more), options)
      return maskedSecret(await call)
    },
  }
}

/** Whether the API server answered with this status, and, where it is given, this reason. */
export function isStatus(error: unknown, status: number, reason?: string): error is ApiError {
  return error instanceof ApiError && error.status === status && (reason === undefined || error.reason === reason)
}

/** Metadata with the fields that are there: client-node's types do not take `undefined` for absent. */
export function withoutUndefined(fields: {
  [Field in keyof V1ObjectMeta]?: V1ObjectMeta[Field] | undefined
}): V1ObjectMeta {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
