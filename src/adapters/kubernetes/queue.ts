/** Runs tasks as they come, no more than `concurrency` of them at a time. */
export function createQueue(concurrency: number): (task: () => Promise<void>) => Promise<void> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (task) => {
    if (running === concurrency) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      await task()
    } finally {
      // The place goes to the next one, or is free.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
