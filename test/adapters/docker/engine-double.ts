import { PassThrough } from 'node:stream'
import type Docker from 'dockerode'

/** A dockerode whose pulls are the test's own. */
export interface EngineDouble {
  readonly docker: Docker
  /** The answers to the pulls so far, to be written to line by line. */
  readonly pulls: readonly PassThrough[]
}

/** Makes one. It knows no images, and a pull ends with an error when it is aborted. */
export function makeEngineDouble(): EngineDouble {
  const pulls: PassThrough[] = []
  const createImage = (_auth: unknown, { abortSignal }: { abortSignal: AbortSignal }): Promise<PassThrough> => {
    const answer = new PassThrough()
    pulls.push(answer)
    abortSignal.addEventListener('abort', () => answer.destroy(new Error('aborted')))
    return Promise.resolve(answer)
  }
  const inspect = (): Promise<never> => Promise.reject(Object.assign(new Error('no such image'), { statusCode: 404 }))
  return { docker: { createImage, getImage: () => ({ inspect }) } as unknown as Docker, pulls }
}
