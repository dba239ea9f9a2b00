// A container on an engine behind Portainer, pulled with the credentials that Portainer keeps for the registry, or with
// the operator's where it keeps none.
import Docker from 'dockerode'
import { deployContainer } from 'pullpass/docker'
import { loadSettings } from 'pullpass/node'
import {
  findPortainerRegistry,
  listPortainerRegistries,
  portainerDockerOptions,
  portainerRegistryHeader,
} from 'pullpass/portainer'
import { resolveImage } from 'pullpass/reference'

const { PORTAINER_API = 'https://portainer.example.com:9443', PORTAINER_API_KEY = '' } = process.env
const settings = await loadSettings({ file: 'opencti.yaml', orchestrator: 'portainer' })
const portainer = {
  api: PORTAINER_API,
  apiKey: PORTAINER_API_KEY,
  environmentId: process.env['PORTAINER_ENVIRONMENT'] ?? 1,
  ...(settings.proxy && { proxy: settings.proxy }),
}

const image = 'opencti/connector-example:1.0.0'
const registries = await listPortainerRegistries(portainer)
const kept = findPortainerRegistry(registries, resolveImage(image, settings.registry))
const { container, action } = await deployContainer(
  new Docker(portainerDockerOptions(portainer)),
  { image, name: 'connector-example', settings, onExisting: 'replace' },
  kept ? { registryAuth: portainerRegistryHeader(kept.id) } : {},
)
console.log(`${action} ${container.id}, with the credentials of ${kept ? `Portainer (${kept.name})` : 'the operator'}`)
