import type { CoreV1Event, V1Pod } from '@kubernetes/client-node'
import { ApiError, type Target } from './api-error.js'
import { assess, missing, type ReadSecret } from './pod-secrets.js'
import { isStatus, secretRequests } from './secret-requests.js'
import type { Session } from './session.js'

/** Everything about a pod that says why it does not pull. */
export interface PodEvidence {
  readonly pod: V1Pod
  readonly events: readonly CoreV1Event[]
  readonly secrets: readonly ReadSecret[]
  /** Absent when it may not be read or is not there. */
  readonly serviceAccountSecrets?: readonly string[]
  /** What could not be seen, and why, a sentence each. */
  readonly unseen: readonly string[]
}

/** Reads it all. What may not be read is left out, but for the pod itself. */
export async function gather(session: Session, namespace: string, name: string): Promise<PodEvidence> {
  const unseen: string[] = []
  const pod = await session.send(target('get', 'pods', namespace, name), (core, how) => {
    return core.readNamespacedPod({ namespace, name }, how)
  })
  const secretNames = (pod.spec?.imagePullSecrets ?? []).flatMap((each) => each.name ?? [])
  const [events, serviceAccountSecrets, ...secrets] = await Promise.all([
    visible(unseen, readEvents(session, namespace, pod)),
    visible(unseen, readServiceAccount(session, namespace, pod.spec?.serviceAccountName ?? 'default')),
    ...[...new Set(secretNames)].map(async (each) => {
      return (await visible(unseen, readSecret(session, namespace, each))) ?? unseenSecret(each)
    }),
  ])
  return { pod, events: events ?? [], secrets, ...(serviceAccountSecrets && { serviceAccountSecrets }), unseen }
}

/** `undefined`, and a note, for what may not be read. */
async function visible<T>(unseen: string[], reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (!isStatus(error, 403) || !(error instanceof ApiError)) throw error
    unseen.push(`${error.message}.`)
    return undefined
  }
}

async function readEvents(session: Session, namespace: string, { metadata }: V1Pod): Promise<CoreV1Event[]> {
  const selectors = [`involvedObject.name=${metadata?.name ?? ''}`, `involvedObject.uid=${metadata?.uid ?? ''}`]
  const request = { namespace, fieldSelector: selectors.join(',') }
  const { items } = await session.send(target('list', 'events', namespace), (core, how) => {
    return core.listNamespacedEvent(request, how)
  })
  return items
}

async function readServiceAccount(session: Session, namespace: string, name: string): Promise<string[] | undefined> {
  try {
    const found = await session.send(target('get', 'serviceaccounts', namespace, name), (core, how) => {
      return core.readNamespacedServiceAccount({ namespace, name }, how)
    })
    return (found.imagePullSecrets ?? []).flatMap((each) => each.name ?? [])
  } catch (error) {
    if (isStatus(error, 404)) return undefined
    throw error
  }
}

async function readSecret(session: Session, namespace: string, name: string): Promise<ReadSecret> {
  const secret = await secretRequests(session, namespace, name).read()
  return secret ? assess(name, secret) : missing(name)
}

function unseenSecret(name: string): ReadSecret {
  return { name, state: 'unseen', keys: [], findings: [] }
}

function target(verb: string, resource: string, namespace: string, name?: string): Target {
  return { verb, resource, namespace, ...(name !== undefined && { name }) }
}
