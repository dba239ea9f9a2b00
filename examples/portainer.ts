// A container on an engine behind Portainer, with the credentials that Portainer keeps, or else the operator's.
import Docker from 'dockerode'
import { deployContainer } from 'pullpass/docker'
import { loadSettings } from 'pullpass/node'
import * as portainer from 'pullpass/portainer'
import { resolveImage } from 'pullpass/reference'

const { PORTAINER_API: api = 'https://portainer.example.com:9443', PORTAINER_API_KEY: apiKey = '' } = process.env
const settings = await loadSettings({ file: 'opencti.yaml', orchestrator: 'portainer' })
const options = { api, apiKey, environmentId: 1, proxy: settings.proxy }
const image = 'opencti/connector-example:1.0.0'

const registries = await portainer.listPortainerRegistries(options)
const kept = portainer.findPortainerRegistry(registries, resolveImage(image, settings.registry))
const { container, action } = await deployContainer(
  new Docker(portainer.portainerDockerOptions(options)),
  { image, name: 'connector-example', settings, onExisting: 'replace' },
  kept && { registryAuth: portainer.portainerRegistryHeader(kept.id) },
)
console.log(`${action} ${container.id}, with the credentials of ${kept?.name ?? 'the operator'}`)
