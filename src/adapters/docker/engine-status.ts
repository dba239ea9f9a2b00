import { portainerRefusal } from '../../failures/portainer.js'

/** HTTP status of what the engine answered, where a thrown value is dockerode's error for it. */
export function statusOf(error: unknown): number | undefined {
  const code = (error as { statusCode?: unknown } | null | undefined)?.statusCode
  return typeof code === 'number' ? code : undefined
}

/**
 * What the request brings; `undefined` where the engine answers with one of these statuses. What Portainer, in front of
 * it, answers for itself (404: there is no such environment) is not the engine's.
 */
export async function unlessStatus<T>(statuses: readonly number[], request: Promise<T>): Promise<T | undefined> {
  try {
    return await request
  } catch (error) {
    if (statuses.includes(statusOf(error) ?? 0) && !portainerRefusal(error as object)) return undefined
    throw error
  }
}
