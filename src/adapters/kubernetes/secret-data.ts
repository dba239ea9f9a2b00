import type { V1Secret } from '@kubernetes/client-node'
import { MASK, printedAs } from '../../masking.js'

/** The type of a pull secret, as `kubectl create secret docker-registry` makes it. */
export const SECRET_TYPE = 'kubernetes.io/dockerconfigjson'

/** Where such a secret holds its docker config. */
export const DATA_KEY = '.dockerconfigjson'

/** The same secret, printed with its data masked. */
export function maskedSecret(secret: V1Secret): V1Secret {
  return printedAs(secret, () => {
    const annotations = mask(secret.metadata?.annotations, (key) => key === LAST_APPLIED)
    const metadata = { ...(secret.metadata as object | undefined), ...(annotations && { annotations }) }
    return { ...(secret as object), metadata, data: mask(secret.data, () => true) }
  })
}

/** Where `kubectl apply` keeps the whole object, data and all. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

type Texts = Readonly<Record<string, string>>

function mask(texts: Texts | undefined, isSecret: (key: string) => boolean): Texts | undefined {
  if (texts === undefined) return undefined
  return Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, isSecret(key) ? MASK : value]))
}

/** Whether `found` already is what `wanted` asks for: type, data, and the labels and annotations that it names. */
export function isAsWanted(found: V1Secret, wanted: V1Secret): boolean {
  return (
    canBecome(found, wanted) &&
    contains(found.data, wanted.data) &&
    contains(found.metadata?.labels, wanted.metadata?.labels) &&
    contains(found.metadata?.annotations, wanted.metadata?.annotations)
  )
}

/** Whether `found` can be changed into `wanted`: not when it is immutable, of another type, or about to go. */
export function canBecome(found: V1Secret, wanted: V1Secret): boolean {
  const isFixed = found.immutable === true && !contains(found.data, wanted.data)
  return found.metadata?.deletionTimestamp === undefined && found.type === wanted.type && !isFixed
}

function contains(found: Texts = {}, wanted: Texts = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => found[key] === value)
}

/** What no error may repeat: the data as it is sent, and each text in it. */
export function secretsIn(secret: V1Secret): string[] {
  return Object.values(secret.data ?? {}).flatMap((value) => [value, ...textsIn(value)])
}

const SECRET_FIELDS = ['password', 'auth', 'identitytoken', 'registrytoken']

function textsIn(base64: string): string[] {
  const text = Buffer.from(base64, 'base64').toString()
  const found: string[] = []
  try {
    JSON.parse(text, (key, value: unknown) => {
      if (SECRET_FIELDS.includes(key) && typeof value === 'string' && value !== '') found.push(value)
      return value
    })
  } catch {
    // It is not a docker config.
  }
  return [text, ...found]
}
