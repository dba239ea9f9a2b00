import { randomBytes } from 'node:crypto'
import type Docker from 'dockerode'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { deployService, refreshServiceAuth } from '../../../src/adapters/docker/index.js'
import { parseOpenCtiSettings, type Settings } from '../../../src/settings/index.js'
import { makeTestImage } from '../../../src/testing/index.js'
import { type Fixture, startFixture, user } from '../../support/docker-fixtures.js'
import { type Engine, startEngine } from '../../support/engine.js'
import { freePort, until } from '../../support/processes.js'
import { describeReal } from '../../support/real.js'

const name = 'pullpass-test'

interface Task {
  readonly Status: { readonly State: string; readonly Err?: string }
  readonly Spec: { readonly ContainerSpec: { readonly Image: string } }
  readonly DesiredState: string
}

describeReal('Swarm services on a real engine', ['dockerd', 'docker-registry', 'htpasswd'], () => {
  let engine: Engine
  let fixture: Fixture
  let docker: Docker
  let settings: Settings
  beforeAll(async () => {
    ;[engine, fixture] = await Promise.all([startEngine(), startFixture()])
    docker = engine.docker
    settings = parseOpenCtiSettings({ opencti: { daemon: { registry: { server: fixture.registry.host, ...user } } } })
    await docker.swarmInit({ ListenAddr: `127.0.0.1:${await freePort()}`, AdvertiseAddr: '127.0.0.1' })
    for (const version of ['v1', 'v2']) {
      await fixture.push(
        `acme/stays:${version}`,
        makeTestImage({ stays: true, message: randomBytes(4).toString('hex') }),
      )
    }
  })
  afterEach(async () => {
    for (const { ID } of (await docker.listServices()) as { ID: string }[]) await docker.getService(ID).remove()
    await until(async () => expect(await docker.listContainers({ all: true })).toEqual([]))
  })
  afterAll(async () => {
    await docker.swarmLeave({ force: true })
    await fixture.registry.stop()
    await engine.stop()
  })

  const spec = (image: string, more: object = {}): Docker.CreateServiceOptions => ({
    Name: name,
    TaskTemplate: {
      ContainerSpec: { Image: image, Env: ['SECRET=canary-env'], StopSignal: 'SIGKILL' },
      RestartPolicy: { Condition: 'none' },
      ...more,
    },
  })
  const running = (image: string): Promise<void> =>
    until(async () => {
      const tasks = (await docker.listTasks({ filters: { service: [name] } })) as Task[]
      const current = tasks.filter(({ DesiredState }) => DesiredState === 'running')
      expect(current.map(({ Status, Spec }) => [Status.State, Status.Err, Spec.ContainerSpec.Image])).toEqual([
        ['running', undefined, image],
      ])
    })
  const stored = async (): Promise<Docker.ServiceSpec> =>
    ((await docker.getService(name).inspect()) as { Spec: Docker.ServiceSpec }).Spec

  it('creates a service that pulls with the credentials, pinned to a digest', async () => {
    const given = spec('acme/stays:v1')
    const before = structuredClone(given)
    const { image, action, warnings } = await deployService(docker, given, { settings })
    expect(given).toEqual(before)
    expect(action).toBe('created')
    expect(warnings).toEqual([])
    expect(image).toMatch(new RegExp(`^${fixture.registry.host}/acme/stays:v1@sha256:[0-9a-f]{64}$`))
    await running(image)
    expect(JSON.stringify(await stored())).not.toContain(user.password)
  })

  it('updates one, and keeps the credentials that it has where none are given', async () => {
    await deployService(docker, spec('acme/stays:v1'), { settings })
    const first = await deployService(docker, spec('acme/stays:v2'), { settings })
    expect(first.action).toBe('updated')
    await running(first.image)
    await docker
      .getImage(first.image)
      .remove({ force: true })
      .catch(() => {})
    const kept = await deployService(docker, spec(first.image, { ForceUpdate: 1 }))
    await running(kept.image)
  })

  it('puts nothing of the specification into the query or the header', async () => {
    const seen: string[] = []
    const watching = new Proxy(docker, {
      get(target, key: keyof Docker) {
        if (key !== 'modem') return target[key]
        seen.push('modem')
        return target.modem
      },
    })
    const dial = docker.modem.dial.bind(docker.modem)
    const { modem } = docker
    modem.dial = (options: { path: string; options?: { _query?: object }; authconfig?: object }, callback: never) => {
      seen.push(JSON.stringify([options.path, options.options?._query, options.authconfig]))
      dial(options, callback)
    }
    try {
      await deployService(watching, spec('acme/stays:v1'), { settings })
      await deployService(watching, spec('acme/stays:v2'), { settings })
    } finally {
      modem.dial = dial
    }
    expect(seen.filter((call) => call.includes('/update?'))).toHaveLength(1)
    expect(seen.join()).not.toContain('canary-env')
  })

  it('says that credentials are missing or wrong, before there is a service', async () => {
    const full = `${fixture.registry.host}/acme/stays:v1`
    await expect(deployService(docker, spec(full))).rejects.toMatchObject({ code: 'ERR_AUTHENTICATION_REQUIRED' })
    const wrong = { credentials: { ...user, password: 'wrong' } }
    await expect(deployService(docker, spec(full), wrong)).rejects.toMatchObject({ code: 'ERR_UNAUTHORIZED' })
    await expect(deployService(docker, spec('acme/stays:v9'), { settings })).rejects.toMatchObject({
      code: 'ERR_IMAGE_NOT_FOUND',
    })
    expect(await docker.listServices()).toEqual([])
  })

  it('warns of credentials that expire', async () => {
    const ecr = { name: 'ecr', provide: () => ({ ...user, expiresAt: new Date('2030-01-01T12:00:00Z') }) }
    const { warnings } = await deployService(docker, spec(`${fixture.registry.host}/acme/stays:v1`), {
      credentials: ecr,
    })
    expect(warnings).toEqual([expect.stringMatching(/\(ecr\) expire at 2030-01-01T12:00:00\.000Z.*refreshServiceAuth/)])
  })

  it('warns where the registry cannot be asked, and goes on with the name', async () => {
    const image = `127.0.0.1:${await freePort()}/acme/hello:v1`
    const { warnings, image: used } = await deployService(docker, spec(image))
    expect(used).toBe(image)
    expect(warnings).toEqual([expect.stringContaining('is not pinned to a digest')])
  })

  it('gives a service new credentials, and leaves the rest of it as it is', async () => {
    const { image } = await deployService(docker, spec('acme/stays:v1'), { settings })
    await running(image)
    const before = await stored()
    await refreshServiceAuth(docker, name, { credentials: user })
    expect(await stored()).toEqual(before)
    await expect(refreshServiceAuth(docker, name, {})).rejects.toMatchObject({ code: 'ERR_CREDENTIALS' })
    await expect(refreshServiceAuth(docker, 'none', { credentials: user })).rejects.toThrow("no service 'none'")
  })

  it('does not take another for it whose id begins like the name', async () => {
    const { service } = await deployService(docker, spec('acme/stays:v1'), { settings })
    const before = (await service.inspect()) as { ID: string; Version: object }
    const twin = { ...spec('acme/stays:v1'), Name: before.ID.slice(0, 6) }
    expect((await deployService(docker, twin, { settings })).action).toBe('created')
    expect(await service.inspect()).toMatchObject({ Version: before.Version })
  })

  it('goes one behind the other where two want one name', async () => {
    const both = [
      deployService(docker, spec('acme/stays:v1'), { settings }),
      deployService(docker, spec('acme/stays:v2'), { settings }),
    ]
    expect((await Promise.all(both)).map(({ action }) => action)).toEqual(['created', 'updated'])
  })

  it('shows no variable that the engine repeats', async () => {
    const wrong = spec('acme/stays:v1', {
      ContainerSpec: { Image: 'acme/stays:v1', Env: ['=canary-env'], Mounts: [{ Type: 'canary-env' }] },
    })
    const error: unknown = await deployService(docker, wrong, { settings }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_DEPLOY' })
    expect(String(error)).not.toContain('canary-env')
  })

  it('asks for the image', async () => {
    await expect(deployService(docker, { Name: name, TaskTemplate: {} })).rejects.toThrow(TypeError)
  })
})
