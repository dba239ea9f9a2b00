import Docker from 'dockerode'
import { portainerDockerOptions } from 'pullpass/portainer'
import type { Connect } from './config.ts'
import { containers } from './docker.ts'

/** Connectors as containers of an engine behind Portainer. */
export const connect: Connect = (config, signal) => {
  const { option, settings } = config
  const options = portainerDockerOptions({
    api: option('api') ?? '',
    apiKey: option('api_key') ?? '',
    environmentId: option('env_id') ?? '',
    apiVersion: option('api_version'),
    proxy: settings.proxy,
  })
  return containers(new Docker(options), config, signal)
}
