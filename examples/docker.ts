import Docker from 'dockerode'
import { deployContainer } from 'pullpass/docker'
import { loadSettings } from 'pullpass/node'

const settings = await loadSettings({ file: 'opencti.yaml' })
const { container, image } = await deployContainer(new Docker(), {
  image: 'opencti/connector-example:1.0.0',
  name: 'connector-example',
  settings,
  onExisting: 'replace',
})
console.log(`${image} runs as ${container.id}`)
