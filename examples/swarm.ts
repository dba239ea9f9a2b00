// A Swarm service. Swarm keeps the credentials, for its nodes.
import Docker from 'dockerode'
import { deployService, refreshServiceAuth } from 'pullpass/docker'
import { loadSettings } from 'pullpass/node'

const docker = new Docker()
const settings = await loadSettings({ file: 'opencti.yaml', orchestrator: 'swarm' })
const spec = {
  Name: 'connector-example',
  TaskTemplate: { ContainerSpec: { Image: 'opencti/connector-example:1.0.0' } },
}
const { image, action, warnings } = await deployService(docker, spec, { settings })
console.log(`${action}: ${image}`, ...warnings)

// Again whenever the registry gave out a new password or token.
await refreshServiceAuth(docker, spec.Name, { settings })
