import type Docker from 'dockerode'
import { abortable } from '../../abortable.js'
import { type Clock, clockOf } from '../../clock.js'
import { PullpassError } from '../../errors.js'
import { checkObject } from '../../kind-of.js'
import type { Logger } from '../../logger.js'
import { type ImageReference, formatImageReference, parseImageReference } from '../../reference/index.js'
import type { RetrySettings } from '../../settings/index.js'
import { classifyPullFailure } from '../../failures/index.js'
import { retry, retryOf } from '../../retry.js'
import { checkDocker } from './check-docker.js'
import { type AuthOptions, engineAuth } from './engine-auth.js'
import { isForGood } from './engine-error.js'
import { insecureAdvice } from './insecure-registry.js'
import { type LocalImage, localImage } from './local-image.js'
import { type PullProgress, ProgressTracker } from './progress.js'
import { pullError } from './pull-error.js'
import { type PullEnd, type PullRequest, streamPull } from './pull-stream.js'
import { sharePull } from './share-pull.js'

/** When to ask the registry: Kubernetes' words for it. */
export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never'

/** Options of {@link pullImage}. Without credentials the pull is anonymous. */
export interface PullOptions extends AuthOptions {
  /** Default `Always`: ask the registry whether the engine's copy is still the one that the name stands for. */
  readonly policy?: PullPolicy | undefined
  /** As `docker pull --platform`: `linux/arm64`. Default: the engine's own. */
  readonly platform?: string | undefined
  /**
   * The registry is meant to be reached over plain HTTP or with any certificate. That is a setting of the engine's: it is
   * looked at before the pull, and what to add is logged, and said in the hint when the pull fails for it.
   */
  readonly insecure?: boolean | undefined
  /**
   * Try again what may pass by itself: a lost connection, a busy registry. Default: no second attempt. Of what is left
   * out of it, `attempts` is 3 and `delay` 5 seconds.
   */
  readonly retry?: Partial<RetrySettings> | undefined
  /** By which retries wait. Default: the machine's. For tests. */
  readonly clock?: Clock | undefined
  /** Told how far the pull is, at most ten times a second, and once when it is complete. */
  readonly onProgress?: ((progress: PullProgress) => void) | undefined
  /** Stops the pull. The returned promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  readonly logger?: Logger | undefined
}

/** What {@link pullImage} did. */
export interface PullResult {
  /** The image as the engine now knows it. */
  readonly image: string
  /**
   * Digest of what the name stands for, as the registry gave it; with Podman it can be that of the image for the engine's
   * platform. Absent for an image that never was in a registry.
   */
  readonly digest?: string
  /** Whether the engine had it already. */
  readonly alreadyPresent: boolean
  /** Bytes downloaded, compressed, as far as the engine tells. */
  readonly bytes: number
  readonly durationMs: number
}

/**
 * Pulls an image through a Docker engine (or Podman's Docker API), and waits until it is there. Two pulls of the same
 * image with the same credentials through the same `docker` at the same time are one.
 *
 * @param docker The caller's own dockerode. Neither it nor the options are changed.
 * @param image An image name, pulled as it stands; without a tag and a digest, `latest` is pulled. See `resolveImage`
 * for the operator's registry in front of it.
 * @throws {PullpassError} With a code of `classifyPullFailure`, and the engine's own words in the message;
 * `ERR_IMAGE_REFERENCE` for a name that is none; whatever the credentials' source throws, and `onProgress`.
 * @throws {TypeError} An option has the wrong type.
 */
export async function pullImage(docker: Docker, image: string, options: PullOptions = {}): Promise<PullResult> {
  checkDocker(docker)
  checkObject(options, 'options')
  const { logger, policy = 'Always', signal } = options
  const started = performance.now()
  const reference = withTag(parseImageReference(image))
  const name = formatImageReference(reference)
  const fields = { registry: reference.registry, image: name }
  const done = ({ digest, alreadyPresent, bytes }: PullEnd): PullResult => {
    logger?.info({ ...fields, digest, alreadyPresent }, alreadyPresent ? 'Image is present' : 'Pulled image')
    const durationMs = performance.now() - started
    return { image: name, ...(digest !== undefined && { digest }), alreadyPresent, bytes, durationMs }
  }
  checkPolicy(policy)
  signal?.throwIfAborted()
  const look = (): Promise<LocalImage | undefined> => abortable(localImage(docker, name, options.platform), signal)
  const present = policy === 'Always' ? undefined : await look()
  if (present) return done({ ...present, alreadyPresent: true, bytes: 0 })
  if (policy === 'Never') throw neverPulled(name)
  const auth = await engineAuth(options, reference, signal)
  logger?.debug({ ...fields, credentials: auth.source }, 'Pulling image')
  const advice = options.insecure === true ? await insecureAdvice(docker, reference.registry, signal) : undefined
  if (advice !== undefined) logger?.warn(fields, advice)
  try {
    const request = { reference, auth, platform: options.platform }
    return done(await pullFromRegistry(docker, name, request, look, options))
  } catch (error) {
    signal?.throwIfAborted()
    // What `onProgress` throws is the caller's own.
    throw error instanceof PullpassError ? pullError(error, name, auth, advice) : error
  }
}

/** Without a tag, Docker's API pulls every tag of a repository. */
function withTag(reference: ImageReference): ImageReference {
  if (reference.tag !== undefined || reference.digest !== undefined) return reference
  return { ...reference, tag: 'latest' }
}

async function pullFromRegistry(
  docker: Docker,
  name: string,
  request: PullRequest,
  look: () => Promise<LocalImage | undefined>,
  { policy = 'Always', retry: given, clock, logger, signal, onProgress }: PullOptions,
): Promise<PullEnd> {
  const { reference, auth, platform = '' } = request
  // Podman tells neither digest nor presence on the way. Looking for them is no reason to fail.
  const lookAside = (): Promise<LocalImage | undefined> => look().catch(() => undefined)
  const before = policy === 'Always' ? await lookAside() : undefined
  const key = [name, platform, auth.config?.base64].join(' ')
  const end = await sharePull(docker, key, { onProgress, signal }, (report, stop) => {
    const tracker = new ProgressTracker()
    return retry(() => streamPull(docker, request, tracker, report, stop), {
      settings: given ? retryOf(given) : { attempts: 0, delay: 0 },
      clock: clockOf(clock),
      mayPass: (error) => classifyPullFailure(error).retryable && !isForGood(error),
      onWait: (error, seconds) => {
        const { code, message } = classifyPullFailure(error)
        logger?.warn({ registry: reference.registry, image: name, code, seconds }, `Pulling again: ${message}`)
      },
      signal: stop,
    })
  })
  if (end.digest !== undefined) return end
  const after = await lookAside()
  return after ? { ...end, ...after, alreadyPresent: before?.id === after.id } : end
}

function checkPolicy(policy: string): void {
  if (['Always', 'IfNotPresent', 'Never'].includes(policy)) return
  throw new TypeError(`policy must be 'Always', 'IfNotPresent' or 'Never', not '${policy}'`)
}

function neverPulled(name: string): PullpassError {
  return new PullpassError('ERR_IMAGE_NEVER_PULL', `The engine does not have ${name}, and the pull policy is Never`, {
    hint: "Load the image into the engine, or choose the policy 'IfNotPresent'.",
  })
}
