import type { V1Secret } from '@kubernetes/client-node'
import {
  compilePullSecrets,
  type DockerConfig,
  lintPullSecret,
  parseDockerConfig,
  type PullSecretFinding,
} from '../../credentials/index.js'
import { PullpassError } from '../../errors.js'
import { DATA_KEY, SECRET_TYPE } from './secret-data.js'

/** A pull secret that a pod names. */
export interface PodPullSecret {
  readonly name: string
  /**
   * `'usable'`: kubelet reads it. `'missing'`: there is none of this name. `'ignored'`: kubelet does not read it, for its
   * type. `'broken'`: kubelet cannot read it. `'unseen'`: it may not be read here.
   */
  readonly state: 'usable' | 'missing' | 'ignored' | 'broken' | 'unseen'
  /** What is wrong with it, a sentence each; of a usable one, what kubelet cannot use of it. */
  readonly findings: readonly PullSecretFinding[]
  /** The keys in it, which say for which registries it is. */
  readonly keys: readonly string[]
}

/** Credentials that kubelet tries for an image. */
export interface PullCandidate {
  /** The name of the pull secret. */
  readonly secret: string
  /** The key in it that matches the image. */
  readonly key: string
  /** Why it matches. */
  readonly reason: string
  /** Who kubelet logs in as; empty when it does not. */
  readonly username: string
}

/** A pull secret as it was found, with its content where kubelet reads it. */
export interface ReadSecret extends PodPullSecret {
  readonly config?: DockerConfig
}

const LEGACY_TYPE = 'kubernetes.io/dockercfg'
const LEGACY_KEY = '.dockercfg'

/** What a pull secret is to kubelet. */
export function assess(name: string, secret: V1Secret): ReadSecret {
  const key = secret.type === SECRET_TYPE ? DATA_KEY : secret.type === LEGACY_TYPE ? LEGACY_KEY : undefined
  const data = key === undefined ? undefined : secret.data?.[key]
  if (data === undefined || data === '') {
    const problem =
      key === undefined
        ? `It is of type ${secret.type ?? 'Opaque'}, and kubelet reads ${SECRET_TYPE} and ${LEGACY_TYPE} alone.`
        : `It has nothing under ${key}.`
    return { name, state: 'ignored', keys: [], findings: [{ problem, remedy: RECREATE }] }
  }
  try {
    const config = parseDockerConfig(Buffer.from(data, 'base64'))
    const findings = lintPullSecret(config)
    const keys = Object.keys(config.auths)
    return { name, state: isReadable(config) ? 'usable' : 'broken', keys, findings, config }
  } catch (error) {
    if (!(error instanceof PullpassError)) throw error
    return { name, state: 'broken', keys: [], findings: [{ problem: `${error.message}.`, remedy: RECREATE }] }
  }
}

/** What is said of a secret that is not there. */
export function missing(name: string): ReadSecret {
  const problem = 'There is no secret of this name in the namespace of the pod.'
  return { name, state: 'missing', keys: [], findings: [{ problem, remedy: 'Create it with ensureImagePullSecret.' }] }
}

const RECREATE = 'Make it anew with ensureImagePullSecret, or kubectl create secret docker-registry.'

/** One entry that kubelet cannot read spoils all secrets of the pod. */
function isReadable(config: DockerConfig): boolean {
  try {
    compilePullSecrets([config])
    return true
  } catch (error) {
    if (error instanceof PullpassError) return false
    throw error
  }
}

/** What kubelet tries for an image, in its order; nothing when one of the secrets is broken, as kubelet has it. */
export function candidatesFor(image: string, secrets: readonly ReadSecret[]): PullCandidate[] {
  if (secrets.some(({ state }) => state === 'broken')) return []
  const usable = secrets.flatMap(({ name, config }) => (config ? [{ name, config }] : []))
  try {
    const matches = compilePullSecrets(usable.map(({ config }) => config))(image)
    return matches.map(({ secret, key, reason, credentials: { username } }) => {
      return { secret: usable[secret]?.name ?? '', key, reason, username }
    })
  } catch (error) {
    // An image name that is none is what kubelet says as well.
    if (error instanceof PullpassError) return []
    throw error
  }
}
