import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import Docker from 'dockerode'
import { run, type Service, startService, temporaryFolder } from './processes.js'

/** A Docker engine for one test file. */
export interface Engine {
  readonly docker: Docker
  /** As in DOCKER_HOST. */
  readonly host: string
  stop(): Promise<void>
}

/** An engine whose process is the test's own. */
export interface OwnEngine extends Engine {
  readonly service: Service
}

/** The engine that DOCKER_HOST names, or else one of its own. */
export async function startEngine(): Promise<Engine> {
  const host = process.env['DOCKER_HOST']
  if (host === undefined || host === '') return startOwnEngine()
  return { docker: new Docker(), host, stop: () => Promise.resolve() }
}

/**
 * Starts a dockerd with its own socket and data root, and without networks: it needs no more privilege than root.
 *
 * @param diskSize Room for its data, as mount's tmpfs takes it: `40m`. Default: all that the disk has.
 * @param env Environment variables of its own, such as its proxy.
 */
export async function startOwnEngine(diskSize?: string, env: NodeJS.ProcessEnv = {}): Promise<OwnEngine> {
  const folder = await temporaryFolder()
  const at = (name: string): string => join(folder.path, name)
  await mkdir(at('data'))
  if (diskSize !== undefined) await run('mount', ['-t', 'tmpfs', '-o', `size=${diskSize}`, 'tmpfs', at('data')])
  const docker = new Docker({ socketPath: at('docker.sock') })
  const places = ['--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('docker.pid')]
  const network = ['--bridge=none', '--iptables=false', '--ip-masq=false']
  // By itself it tries five times, for most of a minute.
  const listen = ['--host', `unix://${at('docker.sock')}`, '--max-download-attempts=1']
  const service = await startService('dockerd', [...listen, ...places, ...network], () => docker.ping(), env)
  const stop = async (): Promise<void> => {
    await service.stop()
    if (diskSize !== undefined) await run('umount', ['--lazy', at('data')])
    await folder.remove()
  }
  return { docker, host: `unix://${at('docker.sock')}`, service, stop }
}
