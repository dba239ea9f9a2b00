import type Docker from 'dockerode'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { deployContainer, type ContainerSpec } from '../../../src/adapters/docker/index.js'
import { parseOpenCtiSettings, type Settings } from '../../../src/settings/index.js'
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
import { recordingLogger } from '../../support/recording-logger.js'

const name = 'pullpass-test'
const createOptions: Docker.ContainerCreateOptions = {
  HostConfig: { NetworkMode: 'none' },
  Tty: true,
  StopSignal: 'SIGKILL',
  Labels: { team: 'connectors' },
  Env: ['OPENCTI_URL=http://opencti:8080'],
}

for (const { name: title, program, start } of engines) {
  describeReal(`deployContainer through ${title}`, [program, 'docker-registry', 'htpasswd'], () => {
    let engine: Engine
    let fixture: Fixture
    let docker: Docker
    let settings: Settings
    beforeAll(async () => {
      ;[engine, fixture] = await Promise.all([start(), startFixture()])
      docker = engine.docker
      const registry = { server: fixture.registry.host, ...user, retry_delay: 0 }
      settings = parseOpenCtiSettings({ opencti: { daemon: { registry } } })
      await fixture.push('acme/stays:v1', makeTestImage({ stays: true, message: 'first\n' }))
      await fixture.push('acme/stays:v2', makeTestImage({ stays: true, message: 'second\n' }))
    })
    afterEach(() => removeContainers(docker))
    afterAll(async () => {
      await fixture.registry.stop()
      await engine.stop()
    })

    const spec = (more: Partial<ContainerSpec> = {}): ContainerSpec => ({
      image: 'acme/stays:v1',
      name,
      createOptions,
      settings,
      ...more,
    })
    const names = (): Promise<string[]> => containerNames(docker)

    it('goes from an image name and the settings to a container that runs', async () => {
      const logger = recordingLogger()
      const { container, image, action } = await deployContainer(docker, spec({ image: 'acme/hello:v1' }), { logger })
      expect(image).toBe(fixture.name)
      expect(action).toBe('created')
      await container.wait()
      expect((await container.logs({ stdout: true })).toString()).toMatch(/^hello /)
      const { Config } = await container.inspect()
      expect(Config.Labels).toMatchObject({ team: 'connectors' })
      expect(Config.Env).toContain('OPENCTI_URL=http://opencti:8080')
      const fields = { orchestrator: 'docker', registry: fixture.registry.host, image, originalImage: 'acme/hello:v1' }
      expect(logger.lines[0]).toEqual({ level: 'info', fields, message: 'Deploying container' })
      expect(JSON.stringify(logger.lines)).not.toContain(user.password)
    })

    it('gives the container the proxy, with variables of the caller’s own before it', async () => {
      const proxy = { httpsProxy: 'http://proxy:3128', noProxy: 'opencti', ca: [], rejectUnauthorized: true }
      const own = { ...createOptions, Env: ['NO_PROXY=mine'] }
      const { container } = await deployContainer(docker, spec({ proxy, createOptions: own, caPath: '/etc/hosts' }))
      const { Config, Mounts } = await container.inspect()
      expect(Config.Env).toEqual(expect.arrayContaining(['HTTPS_PROXY=http://proxy:3128', 'NO_PROXY=mine']))
      expect(Mounts).toEqual([expect.objectContaining({ Source: '/etc/hosts', RW: false })])
      expect(Config.Env).toContain(`NODE_EXTRA_CA_CERTS=${Mounts[0]!.Destination}`)
    })

    it('leaves nothing behind when the image cannot be pulled', async () => {
      const error = await failureOf(deployContainer(docker, spec({ image: 'acme/nothing:v1' })))
      expect(error.code).toBe('ERR_IMAGE_NOT_FOUND')
      expect(await names()).toEqual([])
    })

    it('removes a container that cannot be started, and says what the engine says', async () => {
      const wrong = { ...createOptions, Cmd: ['/no/such/program'] }
      const error = await failureOf(deployContainer(docker, spec({ createOptions: wrong })))
      expect(error.code).toBe('ERR_DEPLOY')
      expect(error.message).toContain('/no/such/program')
      expect(await names()).toEqual([])
    })

    it('does not touch a container of that name unless told to', async () => {
      const { container } = await deployContainer(docker, spec())
      const error = await failureOf(deployContainer(docker, spec({ image: 'acme/stays:v2' })))
      expect(error.code).toBe('ERR_CONTAINER_EXISTS')
      expect(error.message).toContain(name)
      expect((await container.inspect()).State.Running).toBe(true)
    })

    it('keeps one that is the same, and starts it where it is stopped', async () => {
      const { container } = await deployContainer(docker, spec())
      await container.kill()
      const kept = await deployContainer(docker, spec({ onExisting: 'keep' }))
      expect(kept.action).toBe('kept')
      expect(kept.container.id).toBe((await container.inspect()).Id)
      expect((await container.inspect()).State.Running).toBe(true)
      const other = { ...createOptions, Env: ['OPENCTI_URL=http://other'] }
      for (const change of [{ createOptions: other }, { image: 'acme/stays:v2' }]) {
        const error = await failureOf(deployContainer(docker, spec({ onExisting: 'keep', ...change })))
        expect(error.code).toBe('ERR_CONTAINER_EXISTS')
      }
    })

    it('updates one: keeps it where it is the same, and replaces it where it is not', async () => {
      const first = await deployContainer(docker, spec({ onExisting: 'update' }))
      const same = await deployContainer(docker, spec({ onExisting: 'update' }))
      expect([first.action, same.action]).toEqual(['created', 'kept'])
      const other = { ...createOptions, Env: ['OPENCTI_URL=http://other'] }
      for (const change of [{ createOptions: other }, { image: 'acme/stays:v2' }]) {
        const { action, container } = await deployContainer(docker, spec({ onExisting: 'update', ...change }))
        expect(action).toBe('replaced')
        expect((await container.inspect()).State.Running).toBe(true)
      }
      expect(await names()).toEqual([name])
    })

    it('replaces one, and nothing of it is left', async () => {
      const first = await deployContainer(docker, spec())
      const second = await deployContainer(docker, spec({ image: 'acme/stays:v2', onExisting: 'replace' }))
      expect(second.action).toBe('replaced')
      expect(await names()).toEqual([name])
      expect((await docker.getContainer(name).inspect()).State.Running).toBe(true)
      await expect(first.container.inspect()).rejects.toMatchObject({ statusCode: 404 })
    })

    it('brings the old one back, running, when the new one cannot be created or started', async () => {
      const first = await deployContainer(docker, spec())
      const wrongs: Docker.ContainerCreateOptions[] = [
        { ...createOptions, Cmd: ['/no/such/program'] },
        { ...createOptions, HostConfig: { NetworkMode: 'container:none-such' } },
      ]
      for (const wrong of wrongs) {
        const error = await failureOf(deployContainer(docker, spec({ createOptions: wrong, onExisting: 'replace' })))
        expect(error.code).toBe('ERR_DEPLOY')
        expect(await names()).toEqual([name])
        expect((await first.container.inspect()).State.Running).toBe(true)
      }
    })

    it('replaces one that removes itself', async () => {
      const vanishing = { ...createOptions, HostConfig: { ...createOptions.HostConfig, AutoRemove: true } }
      await deployContainer(docker, spec({ createOptions: vanishing }))
      const { action } = await deployContainer(docker, spec({ image: 'acme/stays:v2', onExisting: 'replace' }))
      expect(action).toBe('replaced')
      await expect.poll(names).toEqual([name])
    })

    it('says what is wrong with its options', async () => {
      const wrong = { onExisting: 'kept' } as unknown as Partial<ContainerSpec>
      await expect(deployContainer(docker, spec(wrong))).rejects.toThrow(TypeError)
      expect((await failureOf(deployContainer(docker, spec({ name: 'r r' })))).message).toContain("name: found 'r r'")
      const policy = 'never' as 'Never'
      await expect(deployContainer(docker, spec(), { policy })).rejects.toThrow("policy must be 'Always'")
    })

    it('stops when told to, before anything is created', async () => {
      const signal = AbortSignal.abort(new Error('enough'))
      await expect(deployContainer(docker, spec(), { signal })).rejects.toThrow('enough')
      expect(await names()).toEqual([])
    })
  })
}
