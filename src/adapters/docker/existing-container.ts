import type Docker from 'dockerode'
import { abortable } from '../../abortable.js'
import { PullpassError } from '../../errors.js'
import { engineError } from './engine-error.js'
import { unlessStatus } from './engine-status.js'
import type { PullOptions } from './pull.js'
import { startContainer } from './start-container.js'

/** What is known of a container that is there already. */
export type ExistingContainer = Docker.ContainerInspectInfo

/** A container's name without the slash that engines put in front of it. */
export function plainName(name: string): string {
  return name.replace(/^\//, '')
}

/** The container of that name, where there is one. */
export async function findContainer(
  docker: Docker,
  name: string,
  signal: AbortSignal | undefined,
): Promise<ExistingContainer | undefined> {
  const found = await abortable(unlessStatus([404], docker.getContainer(name).inspect()), signal)
  // Engines also find a container by the beginning of its id.
  return found && plainName(found.Name) === name ? found : undefined
}

/**
 * Puts a new container in the place of an old one: the old one is set aside under another name, stopped when the new
 * one is ready to start, and removed when that runs. If anything fails before, the old one is back as it was.
 */
export async function replaceContainer(
  docker: Docker,
  existing: ExistingContainer,
  create: () => Promise<Docker.Container>,
  { signal, logger }: PullOptions,
): Promise<Docker.Container> {
  signal?.throwIfAborted()
  const old = docker.getContainer(existing.Id)
  const name = plainName(existing.Name)
  await old.rename({ name: `${name}-replaced-${existing.Id.slice(0, 12)}` })
  let created: Docker.Container
  try {
    created = await startContainer(create, signal, () => makeRoom(old, existing))
  } catch (error) {
    await putBack(old, existing, error)
    throw error
  }
  try {
    // One that removes itself is gone by now, or about to be.
    await unlessStatus([404, 409], old.remove({ force: true }))
  } catch (error) {
    logger?.warn(
      { container: existing.Id },
      `The container that was replaced is still there: ${engineError(error).message}`,
    )
  }
  return created
}

/** Both may want the same port. One that would remove itself goes on where it has none: it could not come back. */
async function makeRoom(old: Docker.Container, { State, HostConfig }: ExistingContainer): Promise<void> {
  if (!State.Running || (HostConfig.AutoRemove === true && !hasPorts(HostConfig))) return
  // Podman does not stop what is paused.
  if (State.Paused) await unlessStatus([500], old.unpause())
  await unlessStatus([304, 404], old.stop())
}

function hasPorts({ NetworkMode, PortBindings, PublishAllPorts }: Docker.HostConfig): boolean {
  return NetworkMode === 'host' || PublishAllPorts === true || Object.keys((PortBindings ?? {}) as object).length > 0
}

async function putBack(old: Docker.Container, { Name, State }: ExistingContainer, error: unknown): Promise<void> {
  const name = plainName(Name)
  try {
    await old.rename({ name })
    if (!State.Running) return
    const { State: now } = await old.inspect()
    if (!now.Running) await unlessStatus([304], old.start())
    if (State.Paused && !now.Paused) await old.pause()
  } catch (failure) {
    throw new PullpassError(
      'ERR_DEPLOY',
      `The new container '${name}' failed (${engineError(error).message}), and the old one did not come back: ` +
        engineError(failure).message,
      { hint: 'One with AutoRemove is gone once it is stopped. Any other is there, under a name with -replaced-.' },
    )
  }
}
