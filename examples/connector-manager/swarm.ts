import Docker from 'dockerode'
import { PullpassError } from 'pullpass'
import { deployService, dockerOptions } from 'pullpass/docker'
import { logger } from './logger.ts'
import type { Connect } from './config.ts'

/** Connectors as services of a Swarm. */
export const connect: Connect = ({ settings, manager, option }, signal) => {
  const docker = new Docker(dockerOptions(settings.proxy))
  const network = option('network')
  const names = async (filters: object): Promise<string[]> => {
    const services = await docker.listServices({ filters, abortSignal: signal })
    return services.map(({ Spec }) => Spec?.Name ?? '')
  }
  return {
    list: () => names({ label: [`opencti-manager=${manager}`] }),
    deploy: async ({ name, image, environment }, isOurs) => {
      if (!isOurs && (await names({ name: [name] })).includes(name)) {
        throw new PullpassError('ERR_DEPLOY', `There is a service named '${name}' already, of somebody else's`)
      }
      const ContainerSpec = { Image: image, Env: environment.map((pair) => pair.join('=')) }
      const TaskTemplate = { ContainerSpec, ...(network && { Networks: [{ Target: network }] }) }
      const spec = { Name: name, Labels: { 'opencti-manager': manager }, TaskTemplate }
      // Where nothing changed, Swarm gets the credentials anew, and the tasks go on.
      return (await deployService(docker, spec, { settings, logger, signal })).action
    },
    remove: (name) => docker.getService(name).remove(),
  }
}
