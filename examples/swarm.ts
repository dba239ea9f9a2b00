// A Swarm service from a private registry. Swarm keeps the credentials for its nodes, so they are renewed now and then.
import Docker from 'dockerode'
import { deployService, refreshServiceAuth } from 'pullpass/docker'
import { defaultCredentials, loadSettings } from 'pullpass/node'

const docker = new Docker()
const settings = await loadSettings({ file: 'opencti.yaml', orchestrator: 'swarm' })
const credentials = defaultCredentials(settings)

const spec = {
  Name: 'connector-example',
  TaskTemplate: {
    ContainerSpec: { Image: 'opencti/connector-example:1.0.0', Env: ['OPENCTI_URL=http://opencti:8080'] },
    RestartPolicy: { Condition: 'on-failure', MaxAttempts: 3 },
  },
}
const { image, action, warnings } = await deployService(docker, spec, { settings, credentials })
console.log(`${action}: ${image}`)
for (const warning of warnings) console.warn(warning)

// Again whenever the registry gave out a new password or token.
await refreshServiceAuth(docker, spec.Name, { credentials })
