import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { pullImage } from '../../src/adapters/docker/index.js'
import { makeTestImage } from '../../src/testing/index.js'
import { ApiServer } from '../support/api-server/index.js'
import { makeCertificates } from '../support/certificates.js'
import { basic, type DockerRegistry, pushImage, startDockerRegistry } from '../support/docker-registry.js'
import { type Engine, startEngine } from '../support/engine.js'
import { listen } from '../support/listen.js'
import { type Portainer, startPortainer } from '../support/portainer.js'
import { freePort, temporaryFolder, until } from '../support/processes.js'
import { describeReal } from '../support/real.js'
import { type Run, runExample } from './run-example.js'

const user = { username: 'robot$ci', password: 'canary-pä:ss wörd' }
const wrong = 'canary-wrong'
const apiKey = 'canary-api-key'
const secrets = [user.password, wrong, apiKey, 'canary-token', Buffer.from(user.password).toString('base64')]
const image = 'opencti/connector-example:1.0.0'
const environment = { OPENCTI_URL: 'http://opencti:8080', CONNECTOR_CONFIDENCE: 80 }
const one = { name: 'connector-one', image, environment }
const two = { name: 'connector-two', image }

describeReal('the connector manager', ['dockerd', 'docker-registry', 'htpasswd', 'openssl'], () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let engine: Engine
  let registry: DockerRegistry
  beforeAll(async () => {
    folder = await temporaryFolder()
    ;[engine, registry] = await Promise.all([startEngine(), startDockerRegistry({ user })])
    const message = randomBytes(4).toString('hex')
    await pushImage(`http://${registry.host}`, image, makeTestImage({ message, stays: true }), basic(user))
  })
  afterAll(async () => {
    await registry.stop()
    await engine.stop()
    await folder.remove()
  })

  /** Runs the manager on a configuration of these connectors. No run may print a secret. */
  const manage = async (
    daemon: object,
    connectors: readonly object[],
    { stop, ...env }: { stop?: Promise<unknown>; [name: string]: unknown } = {},
  ): Promise<Run> => {
    const file = join(folder.path, 'config.yaml')
    const section = { registry: { server: registry.host, ...user, retry_attempts: 0 }, ...daemon }
    await writeFile(file, stringify({ manager: { id: 'test' }, opencti: { daemon: section }, connectors }))
    const run = await runExample('connector-manager/main.ts', [file], {
      cwd: folder.path,
      env: { DOCKER_HOST: engine.host, ...(env as Record<string, string>) },
      ...(stop && { stop }),
    })
    for (const secret of secrets) expect(run.output).not.toContain(secret)
    return run
  }
  const withWrongPassword = { OPENCTI__DAEMON__REGISTRY__PASSWORD: wrong }
  const denied = /"level":"ERROR".*"code":"ERR_UNAUTHORIZED","hint":"[^"]*docker login/

  /** What every orchestrator has to do. `state`: what runs, by name, in whatever way tells one from its successor. */
  const behaves = (daemon: () => object, state: () => Promise<Record<string, unknown>>, env?: () => object): void => {
    const run = (connectors: readonly object[], more: object = {}): Promise<Run> =>
      manage(daemon(), connectors, { ...env?.(), ...more })

    it('deploys, keeps what is the same, replaces what changed, and removes what is gone', async () => {
      const first = await run([one, two])
      expect(first).toMatchObject({ code: 0, output: expect.stringContaining('"action":"created"') as string })
      const before = await state()
      expect(Object.keys(before)).toEqual(['connector-one', 'connector-two'])

      const second = await run([one, two])
      expect(second.code, second.output).toBe(0)
      expect(await state()).toEqual(before)

      const third = await run([{ ...one, environment: { ...environment, CONNECTOR_CONFIDENCE: 90 } }])
      expect(third).toMatchObject({ code: 0, output: expect.stringContaining('Removed connector') as string })
      const after = await state()
      expect(Object.keys(after)).toEqual(['connector-one'])
      expect(after['connector-one']).not.toEqual(before['connector-one'])

      expect(await run([])).toMatchObject({ code: 0 })
      expect(await state()).toEqual({})
    })
  }

  const containers = async (): Promise<Record<string, unknown>> => {
    const found = await engine.docker.listContainers({ all: true, filters: { label: ['opencti-manager=test'] } })
    return byName(found.map(({ Names: [name = ''], Id, State }) => [name.slice(1), { Id, State }]))
  }

  describeReal('on Docker', ['dockerd'], () => {
    const daemon = { selector: 'docker', docker: { network_mode: 'none' } }
    behaves(() => daemon, containers)

    it('says what is wrong with a password and what to do, and goes on with the next', async () => {
      const { code, output } = await manage(daemon, [one, two], withWrongPassword)
      expect(code, output).toBe(1)
      expect(output.match(new RegExp(denied, 'g'))).toHaveLength(2)
      expect(output).toMatch(/Verdict +cannot be pulled: ERR_UNAUTHORIZED/)
      expect(await containers()).toEqual({})
    })

    it('leaves alone what is not its own', async () => {
      const Image = `${registry.host}/${image}`
      await pullImage(engine.docker, Image, { credentials: user })
      const foreign = await engine.docker.createContainer({ name: one.name, Image })
      try {
        const { code, output } = await manage(daemon, [one])
        expect(code, output).toBe(1)
        expect(output).toContain('ERR_CONTAINER_EXISTS')
        expect(await foreign.inspect()).toMatchObject({ State: { Status: 'created' } })
      } finally {
        await foreign.remove()
      }
    })

    it('stops on SIGTERM, and leaves nothing half-made', async () => {
      const silent = createServer()
      const { host: server, stop } = await listen(silent)
      const asked = once(silent, 'connection')
      const run = await manage({ ...daemon, registry: { server } }, [one], { stop: asked })
      await stop()
      expect(run).toMatchObject({ code: 1, output: expect.stringContaining('Stopped by SIGTERM') as string })
      expect(await containers()).toEqual({})
    })

    it('says what is wrong with the configuration', async () => {
      const selector = await manage({ selector: 'nomad' }, [])
      expect(selector).toMatchObject({ code: 1, output: expect.stringContaining('opencti.daemon.selector') as string })
      const name = await manage(daemon, [{ image }])
      expect(name).toMatchObject({ code: 1, output: expect.stringContaining('connectors[0]: name') as string })
    })
  })

  describeReal('through Portainer', ['dockerd'], () => {
    let portainer: Portainer
    beforeAll(async () => {
      const engineSocket = engine.host.replace('unix://', '')
      portainer = await startPortainer({ apiKey, environmentId: 3, engineSocket })
    })
    afterAll(() => portainer.stop())
    const daemon = (): object => ({
      selector: 'portainer',
      portainer: { api: portainer.api, env_id: 3, api_version: 'v1.41', stack: 'connectors', network_mode: 'none' },
    })
    // The key comes from the environment, as operators keep it.
    const env = { OPENCTI__DAEMON__PORTAINER__API_KEY: apiKey, DOCKER_HOST: 'unix:///nowhere' }
    behaves(daemon, containers, () => env)

    it('says what is wrong with a password, and with an API key', async () => {
      expect(await manage(daemon(), [one], { ...env, ...withWrongPassword })).toMatchObject({
        code: 1,
        output: expect.stringMatching(denied) as string,
      })
      const other = await manage(daemon(), [one], { ...env, OPENCTI__DAEMON__PORTAINER__API_KEY: wrong })
      expect(other).toMatchObject({ code: 1, output: expect.stringContaining('Invalid API key') as string })
    })
  })

  describeReal('on a Swarm', ['dockerd'], () => {
    beforeAll(async () => {
      await engine.docker.swarmInit({ ListenAddr: `127.0.0.1:${await freePort()}`, AdvertiseAddr: '127.0.0.1' })
    })
    afterAll(() => engine.docker.swarmLeave({ force: true }))
    const daemon = { selector: 'swarm' }
    interface Task {
      readonly ID: string
      readonly ServiceID: string
      readonly Status: { readonly State: string; readonly Err?: string }
    }
    const services = async (): Promise<Record<string, unknown>> => {
      const found = await engine.docker.listServices({ filters: { label: ['opencti-manager=test'] } })
      return until(async () => {
        const tasks = (await engine.docker.listTasks({ filters: { 'desired-state': ['running'] } })) as Task[]
        for (const { Status } of tasks) expect(Status).toMatchObject({ State: 'running' })
        const of = (id: string): Task[] => tasks.filter(({ ServiceID }) => ServiceID === id)
        for (const { ID } of found) expect(of(ID)).toHaveLength(1)
        return byName(found.map(({ ID, Spec }) => [Spec?.Name ?? '', { ID, Spec, task: of(ID)[0]?.ID }]))
      })
    }
    behaves(() => daemon, services)

    it('says what is wrong with a password', async () => {
      const run = await manage(daemon, [one], withWrongPassword)
      expect(run).toMatchObject({ code: 1, output: expect.stringMatching(denied) as string })
      expect(await services()).toEqual({})
    })

    it('leaves alone what is not its own', async () => {
      const ContainerSpec = { Image: `${registry.host}/${image}` }
      const foreign = await engine.docker.createService({
        Name: one.name,
        TaskTemplate: { ContainerSpec },
        Mode: { Replicated: { Replicas: 0 } },
      })
      const before: unknown = await foreign.inspect()
      const { code, output } = await manage(daemon, [one])
      expect(code, output).toBe(1)
      expect(output).toContain(`There is a service named '${one.name}'`)
      expect(await foreign.inspect()).toEqual(before)
      await foreign.remove()
    })
  })

  describeReal('on Kubernetes', ['openssl'], () => {
    let server: ApiServer
    const env = { KUBECONFIG: '' }
    const namespace = 'connectors'
    const daemon = { selector: 'kubernetes', kubernetes: { image_pull_policy: 'Always' } }
    const useKubeConfig = (token?: string): Promise<void> => {
      const kubeConfig = server.kubeConfig(undefined, token)
      kubeConfig.contexts = kubeConfig.contexts.map((context) => ({ ...context, namespace }))
      env.KUBECONFIG = join(folder.path, 'kubeconfig')
      return writeFile(env.KUBECONFIG, kubeConfig.exportConfig())
    }
    beforeAll(async () => {
      server = await new ApiServer({ certificates: await makeCertificates(folder.path) }).start()
      server.namespace(namespace)
      await useKubeConfig()
    })
    afterAll(() => server.stop())
    const deployments = (): Promise<Record<string, unknown>> => {
      const found = [one, two].map(({ name }) => [name, server.read('deployments', namespace, name)] as const)
      return Promise.resolve(byName(found.filter(([, deployment]) => deployment)))
    }
    behaves(
      () => daemon,
      deployments,
      () => env,
    )

    it('gives the pods the pull secret, the full name of the image, and the environment', async () => {
      expect(await manage(daemon, [one], env)).toMatchObject({ code: 0 })
      expect(server.read('secrets', namespace, 'opencti-registry-auth')).toBeDefined()
      expect(server.read('deployments', namespace, one.name)?.['spec']).toMatchObject({
        template: {
          spec: {
            imagePullSecrets: [{ name: 'opencti-registry-auth' }],
            containers: [
              {
                image: `${registry.host}/${image}`,
                imagePullPolicy: 'Always',
                env: [
                  { name: 'OPENCTI_URL', value: 'http://opencti:8080' },
                  { name: 'CONNECTOR_CONFIDENCE', value: '80' },
                ],
              },
            ],
          },
        },
      })
    })

    it('says what is wrong with a password, in the words of kubelet and of the registry', async () => {
      await manage(daemon, [one], { ...env, ...withWrongPassword })
      const full = `${registry.host}/${image}`
      const message = `failed to pull image "${full}": unexpected status from HEAD request to https://${registry.host}/v2/x: 401 Unauthorized`
      const imagePullSecrets = [{ name: 'opencti-registry-auth' }]
      server.put('pods', {
        metadata: { name: 'connector-one-5d8f', namespace, labels: { 'opencti-connector': one.name } },
        spec: { containers: [{ name: 'connector', image: full }], serviceAccountName: 'default', imagePullSecrets },
        status: {
          phase: 'Pending',
          containerStatuses: [
            { name: 'connector', image: full, imageID: '', state: { waiting: { reason: 'ErrImagePull', message } } },
          ],
        },
      })
      const { code, output } = await manage(daemon, [one], { ...env, ...withWrongPassword })
      server.remove('pods', namespace, 'connector-one-5d8f')
      expect(code, output).toBe(1)
      expect(output).toMatch(/"level":"ERROR".*"code":"ERR_UNAUTHORIZED","hint":".*correct the password/)
      expect(output).toMatch(/Verdict +cannot be pulled: ERR_UNAUTHORIZED/)
    })

    it('leaves alone what is not its own', async () => {
      const labels = { app: 'other' }
      const template = { metadata: { labels }, spec: { containers: [{ name: 'other', image: 'other:1' }] } }
      const spec = { selector: { matchLabels: labels }, template }
      const foreign = server.put('deployments', { metadata: { name: two.name, namespace }, spec })
      const { code, output } = await manage(daemon, [one, two], env)
      expect(code, output).toBe(1)
      expect(output).toContain('field is immutable')
      expect(server.read('deployments', namespace, two.name)).toEqual(foreign)
    })

    it('says so when the cluster does not know it', async () => {
      await useKubeConfig('canary-token')
      expect(await manage(daemon, [one], env)).toMatchObject({
        code: 1,
        output: expect.stringContaining('ERR_KUBERNETES_UNAUTHORIZED') as string,
      })
    })
  })
})

/** In the order of the names. */
function byName(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
