import assert from 'node:assert/strict'
import Docker from 'dockerode'
import { type ContainerSpec, deployContainer, dockerOptions, type DockerOptions, pullImage } from 'pullpass/docker'

const options: DockerOptions = dockerOptions(undefined, { socketPath: '/none' })
const docker = new Docker(options)
const spec: ContainerSpec = { image: 'alpine', createOptions: { HostConfig: { NetworkMode: 'none' } } }
await assert.rejects(deployContainer(docker, { ...spec, name: 'app' }), { code: 'ERR_CONNECTION_REFUSED' })
await assert.rejects(pullImage(docker, 'alpine'), { code: 'ERR_CONNECTION_REFUSED' })
