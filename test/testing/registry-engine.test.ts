import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest'
import { pullImage } from '../../src/adapters/docker/index.js'
import { encodeAuth } from '../../src/credentials/index.js'
import { defaultCredentials } from '../../src/node/index.js'
import { makeTestImage, startTestRegistry, type TestRegistry } from '../../src/testing/index.js'
import { type Engine, startEngine } from '../support/engine.js'
import { dockerLogin } from '../support/login/programs.js'
import { temporaryFolder } from '../support/processes.js'
import { describeReal } from '../support/real.js'

const user = { username: 'ci', password: 's3cr3t-c4n4ry' }
const identityToken = 'r3fr3sh-c4n4ry'
let count = 0

describeReal('an engine that pulls from a test registry with tokens', ['dockerd', 'docker'], () => {
  let engine: Engine
  let registry: TestRegistry
  let name: string
  beforeAll(async () => {
    engine = await startEngine()
  })
  afterAll(() => engine.stop())

  beforeEach(async () => {
    const images = { 'acme/app:1.0': makeTestImage({ message: `engine ${++count}\n` }) }
    registry = await startTestRegistry({ user: { ...user, identityToken }, auth: 'token', images })
    onTestFinished(() => registry.close())
    name = `${registry.host}/acme/app:1.0`
  })

  it.each([
    ['user and password', user],
    ['an identity token', { identityToken }],
  ])('gets a token by %s', async (_, credentials) => {
    expect(await pullImage(engine.docker, name, { credentials })).toMatchObject({ alreadyPresent: false })
    const scope = 'repository:acme/app:pull'
    expect(registry.requests).toContainEqual(expect.objectContaining({ path: '/token', status: 200, scope }))
  })

  it('hears that it was refused', async () => {
    const credentials = { ...user, password: 'wrong' }
    await expect(pullImage(engine.docker, name, { credentials })).rejects.toMatchObject({ code: 'ERR_UNAUTHORIZED' })
  })

  it('hears of faults', async () => {
    registry.fail({ path: '/manifests/', status: 429, times: Infinity })
    await expect(pullImage(engine.docker, name, { credentials: user })).rejects.toMatchObject({
      code: 'ERR_RATE_LIMITED',
    })
  })

  it('does not take a layer that is another', async () => {
    registry.fail({ path: '/blobs/', corrupt: true, times: Infinity })
    await expect(pullImage(engine.docker, name, { credentials: user })).rejects.toMatchObject({
      code: 'ERR_CONTENT_CORRUPT',
    })
  })

  it('is logged in to by docker login, which keeps the identity token', async () => {
    const home = await temporaryFolder()
    onTestFinished(() => home.remove())
    await dockerLogin({ server: registry.host, ...user }, { HOME: home.path, DOCKER_HOST: engine.host, PATH: '' })
    const config: unknown = JSON.parse(await readFile(join(home.path, '.docker/config.json'), 'utf8'))
    const auth = encodeAuth({ username: 'ci', password: '' })
    expect(config).toMatchObject({ auths: { [registry.host]: { auth, identitytoken: identityToken } } })
    await pullImage(engine.docker, name, { credentials: defaultCredentials({}, { env: { HOME: home.path } }) })
    expect(registry.requests).toContainEqual(expect.objectContaining({ path: '/token', method: 'POST', status: 200 }))
  })
})
