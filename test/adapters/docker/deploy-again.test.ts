import type Docker from 'dockerode'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type ContainerSpec, deployContainer } from '../../../src/adapters/docker/index.js'
import { makeTestImage } from '../../../src/testing/index.js'
import {
  containerNames,
  engines,
  type Fixture,
  removeContainers,
  startFixture,
  user,
} from '../../support/docker-fixtures.js'
import type { Engine } from '../../support/engine.js'
import { failureOf } from '../../support/errors.js'
import { describeReal } from '../../support/real.js'

const name = 'pullpass-test'
const steps = ['create', 'stop', 'start'] as const

/** The same client, which aborts as soon as the engine has done one of its steps. */
function abortingAt(step: (typeof steps)[number], docker: Docker, abort: () => void): Docker {
  const watched = (container: Docker.Container): Docker.Container => {
    for (const method of ['stop', 'start'] as const) {
      const original = container[method].bind(container) as () => Promise<unknown>
      container[method] = async () => {
        const done = await original()
        if (method === step) abort()
        return done
      }
    }
    return container
  }
  return Object.assign(Object.create(docker) as Docker, {
    getContainer: (id: string) => watched(docker.getContainer(id)),
    createContainer: async (options: Docker.ContainerCreateOptions) => {
      const container = watched(await docker.createContainer(options))
      if (step === 'create') abort()
      return container
    },
  })
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze)
  return Object.freeze(value)
}

for (const { name: title, program, start } of engines) {
  describeReal(`deployContainer where there is a container, through ${title}`, [program, 'docker-registry'], () => {
    let engine: Engine
    let fixture: Fixture
    let docker: Docker
    let image: string
    beforeAll(async () => {
      ;[engine, fixture] = await Promise.all([start(), startFixture()])
      docker = engine.docker
      image = `${fixture.registry.host}/acme/stays:v1`
      await fixture.push('acme/stays:v1', makeTestImage({ stays: true }))
    })
    afterEach(() => removeContainers(docker))
    afterAll(async () => {
      await fixture.registry.stop()
      await engine.stop()
    })

    const options: Docker.ContainerCreateOptions = { StopSignal: 'SIGKILL', HostConfig: { NetworkMode: 'none' } }
    const vanishing = { ...options, HostConfig: { ...options.HostConfig, AutoRemove: true } }
    const noProgram = { ...options, Cmd: ['/no/such/program'], Volumes: { '/data': {} } }
    const deploy = (
      more: Partial<ContainerSpec> = {},
      through = docker,
      signal?: AbortSignal,
    ): ReturnType<typeof deployContainer> =>
      deployContainer(through, { image, name, createOptions: options, ...more }, { credentials: user, signal })
    const names = (): Promise<string[]> => containerNames(docker)
    const stateOf = async (container: Docker.Container): Promise<string> => (await container.inspect()).State.Status

    it('takes its name with a slash in front, or from the options', async () => {
      await deploy({ name: `/${name}` })
      expect(await names()).toEqual([name])
      const { name: _, ...nameless } = {
        image,
        name,
        createOptions: { ...options, name },
        onExisting: 'replace' as const,
      }
      expect((await deployContainer(docker, nameless, { credentials: user })).action).toBe('replaced')
      expect(await names()).toEqual([name])
      expect((await failureOf(deploy({ name: '' }))).message).toContain("name: found ''")
    })

    it('does not take one for it whose id begins like the name', async () => {
      const { container } = await deploy({ name: 'other' })
      expect((await deploy({ name: container.id.slice(0, 6), onExisting: 'replace' })).action).toBe('created')
      expect(await stateOf(container)).toBe('running')
    })

    it('changes nothing of what it is given', async () => {
      const given = deepFreeze({
        ...options,
        Env: ['A=b'],
        Labels: { team: 'x' },
        HostConfig: { ...options.HostConfig },
      })
      const proxy = deepFreeze({ httpsProxy: 'http://proxy:3128', ca: [], rejectUnauthorized: true })
      await deploy({ createOptions: given, proxy, caPath: '/etc/hosts' })
    })

    it('goes one behind the other where two want one name', async () => {
      const kept = await Promise.all([deploy({ onExisting: 'keep' }), deploy({ onExisting: 'keep' })])
      expect(kept.map(({ action }) => action)).toEqual(['created', 'kept'])
      const replaced = await Promise.all([1, 2, 3].map(() => deploy({ onExisting: 'replace' })))
      expect(replaced.map(({ action }) => action)).toEqual(['replaced', 'replaced', 'replaced'])
      expect(await names()).toEqual([name])
      expect(await stateOf(replaced[2]!.container)).toBe('running')
      const [first, second] = [deploy({ name: 'twin' }), failureOf(deploy({ name: 'twin' }))]
      await first
      expect((await second).code).toBe('ERR_CONTAINER_EXISTS')
    })

    it.each(['created', 'exited', 'paused'])('replaces one that is %s, and brings it back as it was', async (state) => {
      const { container } = await deploy()
      if (state === 'paused') await container.pause()
      else await container.stop()
      if (state === 'created') {
        await container.remove()
        await docker.createContainer({ ...options, Image: image, name })
      }
      const old = docker.getContainer(name)
      const error = await failureOf(deploy({ createOptions: noProgram, onExisting: 'replace' }))
      expect(error.message).toContain('/no/such/program')
      expect(await names()).toEqual([name])
      expect(await stateOf(old)).toBe(state)
      expect((await deploy({ onExisting: 'replace' })).action).toBe('replaced')
      expect(await names()).toEqual([name])
      expect(await stateOf(old)).toBe('running')
    })

    it('leaves nothing of one that removes itself and does not start, nor of its volumes', async () => {
      const wrong = { ...noProgram, HostConfig: vanishing.HostConfig }
      expect((await failureOf(deploy({ createOptions: wrong }))).message).toContain('/no/such/program')
      expect((await failureOf(deploy({ createOptions: noProgram }))).message).toContain('/no/such/program')
      expect(await names()).toEqual([])
      expect((await docker.listVolumes()).Volumes).toEqual([])
      const { container } = await deploy()
      const error = await failureOf(deploy({ createOptions: wrong, onExisting: 'replace' }))
      expect(error.message).toContain('/no/such/program')
      expect(await names()).toEqual([name])
      expect(await stateOf(container)).toBe('running')
    })

    it('replaces one that removes itself, or leaves it as it is', async () => {
      const { container } = await deploy({ createOptions: vanishing })
      await failureOf(deploy({ createOptions: noProgram, onExisting: 'replace' }))
      expect(await names()).toEqual([name])
      expect(await stateOf(container)).toBe('running')
      await deploy({ createOptions: vanishing, onExisting: 'replace' })
      await expect.poll(names).toEqual([name])
    })

    it.each(steps)('leaves nothing new behind when it is stopped after %s', async (step) => {
      const { container } = await deploy({ name: 'old' })
      const attempt = async (more: Partial<ContainerSpec>): Promise<void> => {
        const controller = new AbortController()
        const aborting = abortingAt(step, docker, () => controller.abort(new Error('enough')))
        await expect(deploy(more, aborting, controller.signal)).rejects.toThrow('enough')
      }
      if (step !== 'stop') await attempt({})
      expect(await names()).toEqual(['old'])
      await attempt({ name: 'old', onExisting: 'replace' })
      expect(await names()).toEqual(['old'])
      expect(await stateOf(container)).toBe('running')
    })

    it('shows no variable that the engine does not like', async () => {
      const error = await failureOf(deploy({ createOptions: { ...options, Env: ['=canary-variable'] } }))
      expect(error.code).toBe('ERR_DEPLOY')
      expect(`${error.message} ${String(error.cause)}`).not.toContain('canary-variable')
    })
  })
}
