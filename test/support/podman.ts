import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Docker from 'dockerode'
import type { Engine } from './engine.js'
import { run, startService, temporaryFolder, until } from './processes.js'

/** Starts Podman's Docker API with its own socket and storage. Registries on loopback may speak plain HTTP, as for Docker. */
export async function startPodman(): Promise<Engine> {
  const folder = await temporaryFolder()
  const at = (name: string): string => join(folder.path, name)
  const registries = ['127.0.0.1', 'localhost'].map((host) => `[[registry]]\nlocation = "${host}"\ninsecure = true\n`)
  await writeFile(at('registries.conf'), registries.join(''))
  // Podman asks for more than the limits that this process may have.
  await writeFile(at('containers.conf'), '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n')
  const docker = new Docker({ socketPath: at('podman.sock') })
  const places = ['--root', at('root'), '--runroot', at('run'), '--tmpdir', at('tmp'), '--storage-driver', 'overlay']
  const runtime = ['--cgroup-manager', 'cgroupfs', '--events-backend', 'file']
  const api = ['system', 'service', '--time', '0', `unix://${at('podman.sock')}`]
  const env = {
    CONTAINERS_REGISTRIES_CONF: at('registries.conf'),
    CONTAINERS_CONF: at('containers.conf'),
    REGISTRY_AUTH_FILE: at('auth.json'),
  }
  const service = await startService('podman', [...places, ...runtime, ...api], () => docker.ping(), env)
  const stop = async (): Promise<void> => {
    await service.stop()
    // Podman leaves its storage mounted, and what cleans up after its last container may mount it again.
    await until(async () => {
      await run('umount', ['--lazy', at('root/overlay')]).catch(() => {})
      await folder.remove()
    })
  }
  return { docker, host: `unix://${at('podman.sock')}`, stop }
}
