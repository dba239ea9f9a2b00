import type { CoreV1Event } from '@kubernetes/client-node'
import type { PullFailure } from '../../failures/index.js'
import { parseImageReference } from '../../reference/index.js'
import type { PodEvidence } from './pod-evidence.js'
import type { PullCandidate } from './pod-secrets.js'

/** Failures that credentials can explain. */
const REFUSALS = [
  ...['ERR_AUTHENTICATION_REQUIRED', 'ERR_UNAUTHORIZED', 'ERR_ACCESS_DENIED'],
  ...['ERR_PULL_SECRET_MISSING', 'ERR_PULL_SECRET_INVALID', 'ERR_IMAGE_NOT_FOUND', 'ERR_RATE_LIMITED'],
]

/** What to do about a container that cannot pull, the most likely first. */
export function advise(
  image: string,
  failure: PullFailure,
  candidates: readonly PullCandidate[],
  evidence: PodEvidence,
): string[] {
  const ofCredentials = REFUSALS.includes(failure.code) ? adviseCredentials(image, failure, candidates, evidence) : []
  return [...ofCredentials, ...(failure.hint === undefined ? [] : [failure.hint])]
}

const LONG = 2 * 60 * 1000

/** What to do about a pull of which nothing but its beginning is known: a registry that hangs leaves no other trace. */
export function adviseWaiting(events: readonly CoreV1Event[]): string[] {
  const pulling = events.findLast(({ reason }) => reason === 'Pulling')
  const since = pulling?.lastTimestamp ?? pulling?.firstTimestamp ?? pulling?.eventTime
  const waited = since === undefined ? 0 : Date.now() - new Date(since).getTime()
  if (waited < LONG) return []
  const minutes = Math.round(waited / 60_000)
  return [
    `It has been pulling for ${minutes} minutes: the image is large, or the registry, its token service or a proxy does ` +
      'not answer the node. Try the same pull on the node.',
  ]
}

function adviseCredentials(
  image: string,
  { code }: PullFailure,
  candidates: readonly PullCandidate[],
  evidence: PodEvidence,
): string[] {
  const { secrets } = evidence
  if (secrets.length === 0) return [adviseWithoutSecrets(evidence)]
  const spoilt = secrets.filter(({ state }) => state === 'broken' || state === 'missing' || state === 'ignored')
  const repairs = spoilt.map(
    ({ name, findings: [first] }) => `Repair pull secret ${name}: ${first?.problem ?? ''} ${AGAIN}`,
  )
  if (repairs.length > 0 || secrets.some(({ state }) => state === 'unseen')) return repairs
  const [first] = candidates
  if (first) {
    if (code !== 'ERR_UNAUTHORIZED' && code !== 'ERR_ACCESS_DENIED') return []
    return [
      `The registry does not let in ${userOf(first)} of pull secret ${first.secret}: correct the password, or its rights. ${AGAIN}`,
    ]
  }
  const keys = secrets.flatMap((secret) => secret.keys)
  return [`No pull secret of the pod is for ${registryOf(image)}; they are for ${keys.join(', ')}. Add one that is.`]
}

/** kubelet reads the secrets anew at each attempt; which they are is fixed. */
const AGAIN = 'The pod need not be made anew.'

function adviseWithoutSecrets({ pod, serviceAccountSecrets }: PodEvidence): string {
  const account = pod.spec?.serviceAccountName ?? 'default'
  if (serviceAccountSecrets && serviceAccountSecrets.length > 0) {
    const names = serviceAccountSecrets.join(', ')
    return `The pod was made before service account ${account} had its pull secrets (${names}): delete it, so that it is made anew.`
  }
  return (
    `The pod has no pull secrets, and kubelet pulls anonymously: create one, attach it to service account ${account} ` +
    '(setUpNamespace does both) or add it to the workload (addImagePullSecrets), and make the pod anew.'
  )
}

function userOf({ username }: PullCandidate): string {
  return username === '' ? 'anybody without a user name' : `user ${JSON.stringify(username)}`
}

function registryOf(image: string): string {
  try {
    return parseImageReference(image).registry
  } catch {
    return image
  }
}
