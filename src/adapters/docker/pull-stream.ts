import type Docker from 'dockerode'
import { pullFailureError } from '../../failures/index.js'
import { formatImageReference, type ImageReference } from '../../reference/index.js'
import type { EngineAuth } from './engine-auth.js'
import { engineError } from './engine-error.js'
import { readJsonLines } from './json-lines.js'
import { type ProgressLine, type PullProgress, ProgressTracker } from './progress.js'

/** One attempt to pull. */
export interface PullRequest {
  readonly reference: ImageReference
  readonly auth: EngineAuth
  readonly platform: string | undefined
}

/** What the engine said when it was done. */
export interface PullEnd {
  readonly digest?: string
  readonly alreadyPresent: boolean
  readonly bytes: number
}

/** Milliseconds between two reports of progress. */
const REPORT_INTERVAL = 100

/**
 * Has the engine pull, and follows its progress to the end. A second attempt goes on with the first one's tracker.
 *
 * @throws {PullpassError} With a code of `classifyPullFailure`.
 */
export async function streamPull(
  docker: Docker,
  request: PullRequest,
  tracker: ProgressTracker,
  onProgress: (progress: PullProgress) => void,
  signal: AbortSignal,
): Promise<PullEnd> {
  try {
    return await followPull(await startPull(docker, request, signal), request, tracker, onProgress)
  } catch (error) {
    throw engineError(error, request.auth.secrets)
  }
}

async function followPull(
  stream: NodeJS.ReadableStream,
  { auth: { secrets } }: PullRequest,
  tracker: ProgressTracker,
  onProgress: (progress: PullProgress) => void,
): Promise<PullEnd> {
  let reported = -Infinity
  let digest: string | undefined
  let alreadyPresent = false
  for await (const value of readJsonLines(stream)) {
    const line = (value ?? {}) as ProgressLine & { readonly error?: unknown; readonly errorDetail?: unknown }
    const { error, errorDetail, status } = line
    // The engine has answered 200 by now: what fails from here on is a line.
    if (error !== undefined || errorDetail !== undefined) throw pullFailureError(line, { secrets })
    if (tracker.add(line) && performance.now() - reported >= REPORT_INTERVAL) {
      reported = performance.now()
      onProgress(tracker.snapshot())
    }
    if (typeof status !== 'string') continue
    if (status.startsWith('Digest: ')) digest = status.slice('Digest: '.length)
    if (status.startsWith('Status: Image is up to date')) alreadyPresent = true
  }
  tracker.complete()
  const end = tracker.snapshot()
  onProgress(end)
  return { ...(digest !== undefined && { digest }), alreadyPresent, bytes: end.doneBytes }
}

function startPull(docker: Docker, request: PullRequest, signal: AbortSignal): Promise<NodeJS.ReadableStream> {
  const { reference, auth, platform } = request
  // dockerode takes keys out of what it is given: a new object each time.
  return docker.createImage(auth.config, {
    fromImage: formatImageReference({ registry: reference.registry, repository: reference.repository }),
    // Without one, Docker pulls every tag of the repository.
    tag: reference.digest ?? reference.tag ?? 'latest',
    ...(platform !== undefined && { platform }),
    abortSignal: signal,
  })
}
