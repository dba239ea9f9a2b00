import type Docker from 'dockerode'
import { unlessStatus } from './engine-status.js'

/**
 * Creates a container and starts it. When either fails, or `signal` is aborted by then, nothing of it stays behind.
 *
 * @param beforeStart What has to be done once it is there and before it starts.
 */
export async function startContainer(
  create: () => Promise<Docker.Container>,
  signal: AbortSignal | undefined,
  beforeStart: () => Promise<unknown> = () => Promise.resolve(),
): Promise<Docker.Container> {
  signal?.throwIfAborted()
  const container = await create()
  try {
    signal?.throwIfAborted()
    await beforeStart()
    signal?.throwIfAborted()
    await container.start()
    signal?.throwIfAborted()
    return container
  } catch (error) {
    // What went wrong first is what has to be known.
    await removeAtOnce(container).catch(() => undefined)
    throw error
  }
}

/** With the volumes that were made for it alone. The engine may be about to remove it by itself (`AutoRemove`). */
async function removeAtOnce(container: Docker.Container): Promise<void> {
  const remove = (): Promise<true> => container.remove({ force: true, v: true }).then(() => true)
  const removed = await unlessStatus([409], remove())
  if (removed !== true) await container.wait({ condition: 'removed' })
}
