import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import Docker from 'dockerode'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { deployContainer, pullImage } from '../../../src/adapters/docker/index.js'
import { makeTestImage } from '../../../src/testing/index.js'
import { type Fixture, startFixture, user } from '../../support/docker-fixtures.js'
import { type OwnEngine, startOwnEngine } from '../../support/engine.js'
import { failureOf } from '../../support/errors.js'
import { describeReal } from '../../support/real.js'
import { type SlowRelay, startSlowRelay } from '../../support/slow-relay.js'

describeReal('what goes wrong on the way', ['dockerd', 'docker-registry', 'htpasswd', 'mount'], () => {
  let engine: OwnEngine
  let fixture: Fixture
  let relay: SlowRelay
  let image: string
  beforeEach(async () => {
    ;[engine, fixture] = await Promise.all([startOwnEngine('60m'), startFixture()])
    relay = await startSlowRelay(fixture.registry.port, 100_000)
    image = `${relay.host}/acme/hello:v1`
  })
  afterEach(async () => {
    await relay.stop()
    await fixture.registry.stop()
    await engine.stop()
  })
  const spec = { name: 'pullpass-test', createOptions: { HostConfig: { NetworkMode: 'none' } } }
  const deploy = (signal?: AbortSignal): Promise<unknown> =>
    deployContainer(engine.docker, { ...spec, image }, { credentials: user, ...(signal && { signal }) })
  const worksAgain = async (): Promise<void> => {
    relay.mode = 'pass'
    expect(await engine.docker.listContainers({ all: true })).toEqual([])
    await deploy()
  }

  it('the engine is killed in the middle of a pull', async () => {
    relay.mode = 'hold'
    const attempt = failureOf(deploy())
    await relay.reached
    engine.service.process.kill('SIGKILL')
    expect((await attempt).code).toBe('ERR_CONNECTION_LOST')
    const next = await failureOf(deploy())
    expect(next.code).toBe('ERR_CONNECTION_REFUSED')
    expect(next.message).toContain('The engine cannot be reached')
    expect(next.hint).toContain('DOCKER_HOST')
  })

  it('there is no socket', async () => {
    const docker = new Docker({ socketPath: '/nowhere/docker.sock' })
    for (const attempt of [() => pullImage(docker, image), () => deployContainer(docker, { ...spec, image })]) {
      const { code, message } = await failureOf(attempt())
      expect(code).toBe('ERR_CONNECTION_REFUSED')
      expect(message).toMatch(/The engine cannot be reached: .*\/nowhere\/docker\.sock/)
    }
  })

  it('the registry is cut off in the middle of a layer', async () => {
    relay.mode = 'cut'
    const attempt = failureOf(deploy())
    await relay.reached
    await relay.stop()
    const { code } = await attempt
    expect(['ERR_CONNECTION_LOST', 'ERR_CONNECTION_REFUSED']).toContain(code)
    relay = await startSlowRelay(fixture.registry.port, 100_000)
    image = `${relay.host}/acme/hello:v1`
    await worksAgain()
  })

  it('the disk is full', async () => {
    await fixture.push('acme/large:v1', makeTestImage({ padding: randomBytes(50_000_000) }))
    const large = `${fixture.registry.host}/acme/large:v1`
    expect((await failureOf(pullImage(engine.docker, large, { credentials: user }))).code).toBe('ERR_NO_SPACE')
    await worksAgain()
  })

  it('the caller changes their mind in the middle of a pull', async () => {
    relay.mode = 'hold'
    const controller = new AbortController()
    const attempt = deploy(controller.signal)
    const outcome = expect(attempt).rejects.toThrow('enough')
    await relay.reached
    controller.abort(new Error('enough'))
    await outcome
    await worksAgain()
  })

  it('nothing is left open after fifty pulls at once', async () => {
    const open = (): number => readdirSync('/proc/self/fd').length
    await deploy()
    const before = open()
    const images = Array.from({ length: 10 }, (_, index) => `${fixture.registry.host}/acme/app:${index}`)
    for (const name of images) await fixture.push(name.split('/').slice(1).join('/'), makeTestImage({ message: name }))
    const pulls = Array.from({ length: 50 }, (_, index) =>
      pullImage(engine.docker, images[index % 10]!, { credentials: user }),
    )
    await Promise.all(pulls)
    await expect.poll(open, { timeout: 10_000 }).toBeLessThanOrEqual(before + 2)
  })
})
