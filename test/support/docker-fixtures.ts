import { randomBytes } from 'node:crypto'
import type Docker from 'dockerode'
import { makeTestImage, type TestImage } from '../../src/testing/index.js'
import { basic, type DockerRegistry, pushImage, startDockerRegistry } from './docker-registry.js'
import { type Engine, startEngine } from './engine.js'
import { startPodman } from './podman.js'
import type { Program } from './real.js'

/** The engines that every test of the Docker adapter runs on. */
export const engines: readonly { name: string; program: Program; start: () => Promise<Engine> }[] = [
  { name: 'Docker Engine', program: 'dockerd', start: startEngine },
  { name: 'Podman', program: 'podman', start: startPodman },
]

/** The user of the tests' private registry. The password is the canary: nothing may print it. */
export const user = { username: 'puller', password: 'canary-9f2c' }

/** A private registry with one image in it. */
export interface Fixture {
  readonly registry: DockerRegistry
  /** `127.0.0.1:PORT/acme/hello:v1` */
  readonly name: string
  readonly image: TestImage
  push(name: string, image: TestImage): Promise<void>
}

/** A registry with htpasswd that holds `acme/hello:v1`, an image that no engine has seen before. */
export async function startFixture(): Promise<Fixture> {
  const registry = await startDockerRegistry({ user })
  const push = (name: string, image: TestImage): Promise<void> =>
    pushImage(`http://${registry.host}`, name, image, basic(user))
  const image = makeTestImage({ message: `hello ${randomBytes(4).toString('hex')}\n`, padding: randomBytes(300_000) })
  await push('acme/hello:v1', image)
  return { registry, name: `${registry.host}/acme/hello:v1`, image, push }
}

/** The names of all containers, also of those that do not run. */
export async function containerNames(docker: Docker): Promise<string[]> {
  const containers = await docker.listContainers({ all: true })
  return containers.flatMap(({ Names }) => Names.map((name) => name.replace('/', '')))
}

export async function removeContainers(docker: Docker): Promise<void> {
  for (const { Id } of await docker.listContainers({ all: true })) await docker.getContainer(Id).remove({ force: true })
}
