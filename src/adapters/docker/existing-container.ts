import type Docker from 'dockerode'

/** The container of that name, where there is one. */
export async function findContainer(docker: Docker, name: string): Promise<Docker.ContainerInspectInfo | undefined> {
  try {
    const found = await docker.getContainer(name).inspect()
    // Engines also find a container by the beginning of its id.
    return found.Name.replace(/^\//, '') === name ? found : undefined
  } catch (error) {
    if (statusCode(error) === 404) return undefined
    throw error
  }
}

/**
 * Puts a new container in the place of an old one: the old one is set aside under another name, stopped when the new
 * one is ready to start, and removed when that runs. If anything fails, the old one is back as it was.
 */
export async function replaceContainer(
  docker: Docker,
  existing: Docker.ContainerInspectInfo,
  create: () => Promise<Docker.Container>,
  signal: AbortSignal | undefined,
): Promise<Docker.Container> {
  const old = docker.getContainer(existing.Id)
  const name = existing.Name.replace(/^\//, '')
  await old.rename({ name: `${name}-replaced-${existing.Id.slice(0, 12)}` })
  let created: Docker.Container | undefined
  try {
    created = await create()
    // Both may want the same port.
    if (existing.State.Running) await old.stop()
    signal?.throwIfAborted()
    await created.start()
  } catch (error) {
    await created?.remove({ force: true })
    await old.rename({ name })
    if (existing.State.Running) await ignoring([304], old.start())
    throw error
  }
  // One that removes itself when it is stopped is gone by now, or about to be.
  await ignoring([404, 409], old.remove({ force: true }))
  return created
}

async function ignoring(codes: readonly number[], request: Promise<unknown>): Promise<void> {
  try {
    await request
  } catch (error) {
    if (!codes.includes(statusCode(error) ?? 0)) throw error
  }
}

function statusCode(error: unknown): number | undefined {
  const code = (error as { statusCode?: unknown } | null)?.statusCode
  return typeof code === 'number' ? code : undefined
}
