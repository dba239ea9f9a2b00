import { classifyPullFailure } from '../../failures/index.js'

/** HTTP status of what the engine answered, where a thrown value is dockerode's error for it. */
export function statusOf(error: unknown): number | undefined {
  const code = (error as { statusCode?: unknown } | null | undefined)?.statusCode
  return typeof code === 'number' ? code : undefined
}

/** What the request brings; `undefined` where the engine (not Portainer before it) answers with one of these statuses. */
export async function unlessStatus<T>(statuses: readonly number[], request: Promise<T>): Promise<T | undefined> {
  try {
    return await request
  } catch (error) {
    const isOne = statuses.includes(statusOf(error) ?? 0)
    if (isOne && classifyPullFailure(error).code !== 'ERR_PORTAINER') return undefined
    throw error
  }
}
