import type { PullpassErrorCode } from '../errors.js'
import { isObject, read, readString } from './read.js'
import type { Statement } from './statement.js'

/** Reasons of a `waiting` state or an Event that are about an image; what each means where its message does not tell. */
const imageReasons: Readonly<Record<string, PullpassErrorCode | undefined>> = {
  ErrImagePull: undefined,
  ImagePullBackOff: undefined,
  ImageInspectError: undefined,
  InspectFailed: undefined,
  SignatureValidationFailed: undefined,
  ErrImageNeverPull: 'ERR_IMAGE_NEVER_PULL',
  InvalidImageName: 'ERR_IMAGE_REFERENCE',
  RegistryUnavailable: 'ERR_REGISTRY_FAULT',
  FailedToRetrieveImagePullSecret: 'ERR_PULL_SECRET_MISSING',
}

/** A `waiting` state, an Event of core/v1 or events.k8s.io/v1, or a Status of the API server: all have a reason. */
export function kubernetesStatement(value: object): Statement {
  const reason = readString(value, 'reason') ?? ''
  const message = readString(value, 'message') ?? readString(value, 'note') ?? ''
  const base = { words: message || reason, codes: [], kubelet: true, time: timeOf(value) }
  // A Status refuses an object; that it is the image's name is in its words.
  if (readString(value, 'kind') === 'Status') {
    return message.includes('].image: ') ? base : { ...base, about: 'other' }
  }
  if (Object.hasOwn(imageReasons, reason)) return { ...base, fallback: imageReasons[reason] }
  if (reason === 'Pulled') return { ...base, about: 'pulled' }
  // kubelet gives the decoder's own words as the reason when it cannot read a secret.
  if (reason.includes(' ')) return { ...base, onlySecret: true }
  if (message.startsWith('Error: ')) return { ...base, ...afterError(message.slice('Error: '.length)) }
  return isAboutPulling(reason, message) ? base : { ...base, about: 'other' }
}

/** An event that repeats what a container waits for: a reason, the decoder's words, or how the container failed. */
function afterError(words: string): Partial<Statement> {
  const reason = words.split(':', 1)[0] ?? ''
  if (Object.hasOwn(imageReasons, reason)) return { words, fallback: imageReasons[reason] }
  return { words, onlySecret: true }
}

function isAboutPulling(reason: string, message: string): boolean {
  if (reason === 'Failed') return message.startsWith('Failed to pull image ')
  if (reason === 'BackOff') return message.startsWith('Back-off pulling image ')
  // The image of the sandbox (pause) is pulled too.
  return reason === 'FailedCreatePodSandBox' && message.includes('failed to pull ')
}

const timeFields = ['lastTimestamp', 'eventTime', 'firstTimestamp']

/** When an Event was last seen: a Date or an ISO string, as client-node and the API give it. */
function timeOf(event: object): number | undefined {
  const series = read(event, 'series')
  const metadata = read(event, 'metadata')
  return (
    (isObject(series) ? toTime(read(series, 'lastObservedTime')) : undefined) ??
    timeFields.map((field) => toTime(read(event, field))).find((time) => time !== undefined) ??
    (isObject(metadata) ? toTime(read(metadata, 'creationTimestamp')) : undefined)
  )
}

function toTime(value: unknown): number | undefined {
  const time = value instanceof Date ? value.getTime() : typeof value === 'string' ? Date.parse(value) : NaN
  return Number.isNaN(time) ? undefined : time
}
