import assert from 'node:assert/strict'
import Docker from 'dockerode'
import { portainerDockerOptions, type PortainerOptions, portainerRegistryHeader } from 'pullpass/portainer'

const options: PortainerOptions = { api: 'https://portainer.example.com:9443', apiKey: 'ptr_key', environmentId: 3 }
const docker: Docker = new Docker(portainerDockerOptions(options))
assert.equal(typeof docker.pull, 'function')
assert.match(portainerRegistryHeader(3), /^[\w-]+=*$/)
