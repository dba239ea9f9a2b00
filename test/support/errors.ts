import { PullpassError } from '../../src/errors.js'

/** The PullpassError that `run` throws. `what` says, should it throw none, what was not refused. */
export function refusalOf(run: () => unknown, what = 'it'): PullpassError {
  try {
    run()
  } catch (error) {
    if (error instanceof PullpassError) return error
    throw error
  }
  throw new Error(`${what} was not refused`)
}

/** The PullpassError that `attempt` is rejected with. */
export async function failureOf(attempt: Promise<unknown>): Promise<PullpassError> {
  const error: unknown = await attempt.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof PullpassError) return error
  throw error
}
