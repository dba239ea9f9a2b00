import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pullImage } from '../../src/adapters/docker/index.js'
import type { CredentialChain } from '../../src/credentials/index.js'
import { defaultCredentials } from '../../src/node/default-credentials.js'
import { loadDockerConfig } from '../../src/node/load-docker-config.js'
import { parseImageReference } from '../../src/reference/index.js'
import type { Env } from '../../src/settings/index.js'
import { makeTestImage } from '../../src/testing/index.js'
import { basic, type DockerRegistry, pushImage, startDockerRegistry } from '../support/docker-registry.js'
import { type Engine, startEngine } from '../support/engine.js'
import { Home } from '../support/login/home.js'
import { dockerLogin, makePasswordStore, type PasswordStore, podmanLogin } from '../support/login/programs.js'
import { temporaryFolder } from '../support/processes.js'
import { describeReal } from '../support/real.js'

const user = { username: 'alice', password: 'pä$$ w:rd' }

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let registry: DockerRegistry
let image: string

beforeAll(async () => {
  folder = await temporaryFolder()
})
afterAll(() => folder.remove())

async function startRegistry(): Promise<void> {
  registry = await startDockerRegistry({ user })
  await pushImage(`http://${registry.host}`, 'team/hello:1.0', makeTestImage(), basic(user))
  image = `${registry.host}/team/hello:1.0`
}

/** What a program of this user finds in its environment. */
function environment(home: Home, more: Env = {}): Env {
  return home.env({ PATH: process.env['PATH'], ...more })
}

describeReal('docker login', ['docker', 'dockerd', 'docker-registry', 'htpasswd'], () => {
  let engine: Engine

  beforeAll(async () => {
    await startRegistry()
    engine = await startEngine()
  })
  afterAll(async () => {
    await engine.stop()
    await registry.stop()
  })

  async function expectPull(credentials: CredentialChain): Promise<void> {
    const { image: pulled } = await pullImage(engine.docker, image, { credentials })
    expect(pulled).toBe(image)
    await engine.docker.getImage(image).remove()
  }

  it('without it, the registry refuses, and the error says where was looked', async () => {
    const home = new Home(join(folder.path, 'nobody'))
    await expect(
      pullImage(engine.docker, image, { credentials: defaultCredentials({}, { env: home.env() }) }),
    ).rejects.toMatchObject({
      code: 'ERR_AUTHENTICATION_REQUIRED',
      message: expect.stringContaining(home.at('.docker/config.json')) as string,
    })
  })

  it('leaves credentials in config.json, with which the image is pulled', async () => {
    const home = new Home(join(folder.path, 'file'))
    // Anything about credentials keeps docker login from looking for a store.
    await home.write('.docker/config.json', { auths: { 'other.example.com': {} } })
    const env = environment(home, { DOCKER_HOST: engine.host })
    await dockerLogin({ server: registry.host, ...user }, env)
    const chain = defaultCredentials({}, { env })
    expect(await chain.resolve(parseImageReference(image))).toMatchObject({
      credentials: user,
      source: home.at('.docker/config.json'),
    })
    await expectPull(chain)
  })

  it('leaves them where DOCKER_CONFIG says', async () => {
    const home = new Home(join(folder.path, 'elsewhere'))
    await home.write('docker/config.json', { auths: { 'other.example.com': {} } })
    const env = environment(home, { DOCKER_HOST: engine.host, DOCKER_CONFIG: home.at('docker') })
    await dockerLogin({ server: registry.host, ...user }, env)
    await expectPull(defaultCredentials({}, { env }))
  })

  describeReal('with a credential store', ['docker-credential-pass', 'pass', 'gpg'], () => {
    let store: PasswordStore

    beforeAll(async () => {
      store = await makePasswordStore()
    })
    afterAll(() => store.remove())

    it('leaves them in pass, with which the image is pulled', async () => {
      const home = new Home(join(folder.path, 'pass'))
      const file = await home.write('.docker/config.json', { credsStore: 'pass' })
      const env = environment(home, { DOCKER_HOST: engine.host, ...store.env })
      await dockerLogin({ server: registry.host, ...user }, env)
      expect(await loadDockerConfig({ env })).toEqual({ auths: { [registry.host]: {} }, credsStore: 'pass' })
      expect(await readFile(file, 'utf8')).not.toContain(Buffer.from(user.password).toString('base64'))

      const chain = defaultCredentials({}, { env })
      const resolved = await chain.resolve(parseImageReference(image))
      expect(resolved).toMatchObject({ credentials: user, source: 'docker-credential-pass' })
      await expectPull(chain)

      const other = await chain.resolve(parseImageReference(`localhost:${registry.port}/team/hello`))
      expect(other.source).toBe('anonymous')
    })

    it.skipIf(process.platform !== 'linux')('chooses pass itself, and finds it again without config.json', async () => {
      const home = new Home(join(folder.path, 'fresh'))
      const env = environment(home, { DOCKER_HOST: engine.host, ...store.env })
      await dockerLogin({ server: registry.host, ...user }, env)
      expect(await loadDockerConfig({ env })).toMatchObject({ credsStore: 'pass' })
      await rm(home.at('.docker'), { recursive: true })
      const resolved = await defaultCredentials({}, { env }).resolve(parseImageReference(image))
      expect(resolved).toMatchObject({ credentials: user, source: 'docker-credential-pass' })
    })

    it('is not there for a key that is not: an error with what gpg said', async () => {
      const home = new Home(join(folder.path, 'locked'))
      await home.write('.docker/config.json', { credsStore: 'pass' })
      const env = environment(home, { ...store.env, GNUPGHOME: folder.path })
      await expect(defaultCredentials({}, { env }).resolve(parseImageReference(image))).rejects.toMatchObject({
        code: 'ERR_CREDENTIALS',
        message: expect.stringContaining('docker-credential-pass failed with status 1') as string,
      })
    })
  })
})

describeReal('podman login', ['podman', 'docker-registry', 'htpasswd'], () => {
  beforeAll(startRegistry)
  afterAll(() => registry.stop())

  it('leaves credentials in auth.json, for a host and for a path', async () => {
    const home = new Home(join(folder.path, 'podman'))
    await home.write('run/.keep', '')
    const env = environment(home, { XDG_RUNTIME_DIR: home.at('run') })
    await podmanLogin({ server: `${registry.host}/team`, ...user }, env)
    const chain = defaultCredentials({}, { env })
    expect(await chain.resolve(parseImageReference(image))).toMatchObject({
      credentials: user,
      source: home.at('run/containers/auth.json'),
    })
    const beside = parseImageReference(`${registry.host}/team-evil/hello`)
    expect((await chain.resolve(beside)).source).toBe('anonymous')

    await podmanLogin({ server: registry.host, ...user }, env)
    chain.refresh()
    expect((await chain.resolve(beside)).credentials).toEqual(user)
  })

  it('leaves them where REGISTRY_AUTH_FILE says', async () => {
    const home = new Home(join(folder.path, 'podman-file'))
    const file = home.at('my-auth.json')
    await home.write('run/.keep', '')
    const env = environment(home, { XDG_RUNTIME_DIR: home.at('run'), REGISTRY_AUTH_FILE: file })
    await podmanLogin({ server: registry.host, ...user }, env)
    const resolved = await defaultCredentials({}, { env }).resolve(parseImageReference(image))
    expect(resolved).toMatchObject({ credentials: user, source: file })
  })
})
