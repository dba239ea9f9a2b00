import type { CoreV1Event, V1ContainerStatus, V1Pod } from '@kubernetes/client-node'
import { classifyPullFailure, type PullFailure } from '../../failures/index.js'
import type { KubernetesApi } from './api.js'
import { advise, adviseWaiting } from './advice.js'
import { requireText } from './ensure.js'
import { gather, type PodEvidence } from './pod-evidence.js'
import { candidatesFor, type PodPullSecret, type PullCandidate } from './pod-secrets.js'
import { openSession, type RequestOptions } from './session.js'

/** Options of {@link diagnosePod}. */
export interface DiagnoseOptions extends RequestOptions {
  readonly namespace: string
  /** The name of the pod. */
  readonly name: string
}

/** Why a pod pulls its images, or does not. Holds no secrets. */
export interface PodDiagnosis {
  readonly namespace: string
  readonly name: string
  /** Whether any of its images cannot be pulled. */
  readonly failing: boolean
  readonly containers: readonly ContainerDiagnosis[]
  /** The pull secrets that the pod has, in its order. They are fixed when it is made. */
  readonly pullSecrets: readonly PodPullSecret[]
  readonly serviceAccount: {
    readonly name: string
    /** The pull secrets that it gives to pods that are made now. Absent when it could not be seen. */
    readonly imagePullSecrets?: readonly string[]
  }
  /** What may not be read with these permissions, a sentence each. */
  readonly unseen: readonly string[]
}

/** One container of a pod, init and ephemeral ones included. */
export interface ContainerDiagnosis {
  readonly name: string
  readonly image: string
  /** `'pulled'`: the image is there. `'pending'`: nothing is wrong yet. */
  readonly state: 'pulled' | 'pending' | 'failing'
  /** What kubelet said, and what it means; when failing. */
  readonly failure?: PullFailure
  /** The credentials that kubelet tries for this image, in its order. Empty: it pulls anonymously. */
  readonly candidates: readonly PullCandidate[]
  /** What to do, a sentence each, the most likely first. Empty when there is nothing wrong. */
  readonly advice: readonly string[]
}

/**
 * Why does this pod not pull? From the states of its containers, its Events, its pull secrets and its service account:
 * what kubelet said, which credentials it tries for which image, and what to do. Nothing is changed.
 *
 * Needs get on pods; list on events, and get on secrets and service accounts, make it complete. A node may have
 * credentials of its own, which nobody sees from outside.
 *
 * @throws {PullpassError} `ERR_KUBERNETES_NOT_FOUND` when there is no such pod, `ERR_KUBERNETES_FORBIDDEN` when it may not
 * be read, and the other `ERR_KUBERNETES_` codes of a request.
 * @throws {TypeError} When `namespace` or `name` is missing.
 */
export async function diagnosePod(api: KubernetesApi, options: DiagnoseOptions): Promise<PodDiagnosis> {
  const { namespace, name } = options
  requireText('namespace', namespace)
  requireText('name', name)
  const evidence = await gather(await openSession(api, options), namespace, name)
  const { pod, secrets, serviceAccountSecrets, unseen } = evidence
  const containers = containersOf(pod).map((container) => diagnose(container, evidence))
  return {
    namespace,
    name,
    failing: containers.some(({ state }) => state === 'failing'),
    containers,
    pullSecrets: secrets.map(({ config: _content, ...secret }) => secret),
    serviceAccount: {
      name: pod.spec?.serviceAccountName ?? 'default',
      ...(serviceAccountSecrets && { imagePullSecrets: serviceAccountSecrets }),
    },
    unseen,
  }
}

/** A diagnosis as lines of text, for a person in front of a pod. */
export function formatPodDiagnosis({ namespace, name, containers, pullSecrets, unseen }: PodDiagnosis): string {
  const secrets = pullSecrets.flatMap(({ name: secret, state, keys, findings }) => [
    `  pull secret ${secret}: ${state}${keys.length === 0 ? '' : `, for ${keys.join(', ')}`}`,
    ...findings.map(({ problem, remedy }) => `    ${problem} ${remedy}`),
  ])
  const states = containers.flatMap(({ name: container, image, state, failure, candidates, advice }) => [
    `  container ${container}: ${image}: ${state}`,
    ...(failure ? [`    ${failure.code}: ${failure.message}`] : []),
    ...candidates.map(
      ({ secret, key, username }) => `    kubelet tries ${secret}, ${key}, user ${username || '(none)'}`,
    ),
    ...advice.map((each) => `    -> ${each}`),
  ])
  return [`pod ${namespace}/${name}`, ...states, ...secrets, ...unseen.map((each) => `  not seen: ${each}`)].join('\n')
}

interface Named {
  readonly name: string
  readonly image: string
  readonly status: V1ContainerStatus | undefined
}

function containersOf({ spec, status }: V1Pod): Named[] {
  const groups = [
    [spec?.initContainers, status?.initContainerStatuses],
    [spec?.containers, status?.containerStatuses],
    [spec?.ephemeralContainers, status?.ephemeralContainerStatuses],
  ] as const
  return groups.flatMap(([containers = [], statuses = []]) =>
    containers.map(({ name, image = '' }) => ({ name, image, status: statuses.find((each) => each.name === name) })),
  )
}

function diagnose({ name, image, status }: Named, evidence: PodEvidence): ContainerDiagnosis {
  const candidates = candidatesFor(image, evidence.secrets)
  const about = { name, image, candidates }
  const { running, terminated, waiting } = status?.state ?? {}
  const isStuck = isImageReason(waiting?.reason)
  const hasRun = (running ?? terminated ?? status?.lastState?.terminated) !== undefined
  if (hasRun && !isStuck) return { ...about, state: 'pulled', advice: [] }
  const events = evidence.events.filter((event) => isAbout(event, name))
  const failure = classifyPullFailure({ waiting: waiting ? [waiting] : [], events })
  if (isStuck || failure.code !== 'ERR_UNKNOWN') {
    return { ...about, state: 'failing', failure, advice: advise(image, failure, candidates, evidence) }
  }
  const isThere = events.some(({ reason }) => reason === 'Pulled')
  return isThere
    ? { ...about, state: 'pulled', advice: [] }
    : { ...about, state: 'pending', advice: adviseWaiting(events) }
}

/** An event of this container, or of the pod as a whole. */
function isAbout({ involvedObject: { fieldPath = '' } }: CoreV1Event, container: string): boolean {
  return !fieldPath.includes('{') || fieldPath.endsWith(`{${container}}`)
}

const IMAGE_REASONS = [
  ...['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName', 'ImageInspectError'],
  ...['RegistryUnavailable', 'SignatureValidationFailed'],
]

/** Reasons that kubelet gives when it cannot pull; for a pull secret that it cannot read, the decoder's words. */
function isImageReason(reason = ''): boolean {
  return IMAGE_REASONS.includes(reason) || reason.startsWith('illegal base64')
}
