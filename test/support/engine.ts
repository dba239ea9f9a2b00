import { join } from 'node:path'
import Docker from 'dockerode'
import { startService, temporaryFolder } from './processes.js'

/** A Docker engine for one test file. */
export interface Engine {
  readonly docker: Docker
  /** As in DOCKER_HOST. */
  readonly host: string
  stop(): Promise<void>
}

/**
 * The engine that DOCKER_HOST names, or else a dockerd of its own with its own socket and data root, and without
 * networks: it needs no more privilege than root.
 */
export async function startEngine(): Promise<Engine> {
  const given = process.env['DOCKER_HOST']
  if (given !== undefined && given !== '') return { docker: new Docker(), host: given, stop: () => Promise.resolve() }
  const folder = await temporaryFolder()
  const at = (name: string): string => join(folder.path, name)
  const docker = new Docker({ socketPath: at('docker.sock') })
  const places = ['--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('docker.pid')]
  const network = ['--bridge=none', '--iptables=false', '--ip-masq=false']
  const listen = ['--host', `unix://${at('docker.sock')}`]
  const service = await startService('dockerd', [...listen, ...places, ...network], () => docker.ping())
  const stop = async (): Promise<void> => {
    await service.stop()
    await folder.remove()
  }
  return { docker, host: `unix://${at('docker.sock')}`, stop }
}
