import Docker from 'dockerode'
import { describe, expect, it } from 'vitest'
import { deployContainer, deployService, pullImage } from '../../../src/adapters/docker/index.js'

const docker = new Docker({ socketPath: '/nowhere/docker.sock' })
const image = 'registry.example.com/acme/app:1.0'
const settings = Promise.resolve({ registry: { server: 'registry.example.com', insecure: false } })

describe('what is not what it should be is named before the engine is asked', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['docker must be a Docker of dockerode: new Docker', () => pullImage({ socketPath: '/run' } as never, image)],
    ['docker must be a Docker of dockerode: new Docker', () => deployContainer({} as never, { image })],
    ['docker must be a Docker of dockerode: new Docker', () => deployService({} as never, {})],
    ['settings must be an object, not a promise', () => deployContainer(docker, { image, settings } as never)],
    ['caPath must be an absolute path', () => deployContainer(docker, { image, caPath: 'ca.pem' })],
    ['caPath must be an absolute path', () => deployContainer(docker, { image, caPath: 3 as never })],
    ['proxy must be an object', () => deployContainer(docker, { image, proxy: 'http://proxy:3128' as never })],
  ])('%s', async (message, attempt) => {
    const error: unknown = await attempt().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TypeError)
    expect((error as Error).message).toContain(message)
  })
})
