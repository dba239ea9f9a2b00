import type Docker from 'dockerode'
import { abortable } from '../../abortable.js'

/** What is under way or waits, by name and by the user's own client: nothing outlives it. */
const queues = new WeakMap<Docker, Map<string, Promise<unknown>>>()

/**
 * Runs a task when those that came before it for the same name have ended, however they did.
 *
 * @param signal Ends the wait; not the task.
 */
export function inTurn<T>(
  docker: Docker,
  name: string,
  task: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const queue = queues.get(docker) ?? new Map<string, Promise<unknown>>()
  queues.set(docker, queue)
  const before = queue.get(name) ?? Promise.resolve()
  const mine = abortable(before, signal).then(task)
  // Who comes next waits for those before, even if this one has given up.
  const end = Promise.allSettled([before, mine]).then(() => {
    if (queue.get(name) === end) queue.delete(name)
  })
  queue.set(name, end)
  return mine
}
