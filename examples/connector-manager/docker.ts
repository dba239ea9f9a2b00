import Docker from 'dockerode'
import { deployContainer, dockerOptions } from 'pullpass/docker'
import { logger } from './logger.ts'
import type { Config, Connect, Orchestrator } from './config.ts'

export const connect: Connect = (config, signal) =>
  containers(new Docker(dockerOptions(config.settings.proxy)), config, signal)

/** Connectors as containers of an engine. */
export function containers(docker: Docker, { settings, manager, option }: Config, signal: AbortSignal): Orchestrator {
  const NetworkMode = option('network_mode') ?? 'default'
  const stack = option('stack')
  const Labels = { 'opencti-manager': manager, ...(stack && { 'com.docker.compose.project': stack }) }
  return {
    list: async () => {
      const filters = { label: [`opencti-manager=${manager}`] }
      const found = await docker.listContainers({ all: true, filters, abortSignal: signal })
      return found.flatMap(({ Names }) => Names.map((name) => name.slice(1)))
    },
    deploy: async ({ name, image, environment }, isOurs) => {
      const Env = environment.map((pair) => pair.join('='))
      const HostConfig = { NetworkMode, RestartPolicy: { Name: 'unless-stopped' } }
      const spec = { name, image, settings, createOptions: { Env, Labels, HostConfig } }
      const onExisting = isOurs ? 'update' : 'error'
      return (await deployContainer(docker, { ...spec, onExisting }, { logger, signal })).action
    },
    remove: (name) => docker.getContainer(name).remove({ force: true }),
  }
}
