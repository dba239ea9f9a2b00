// The examples, run as they stand: on examples/opencti.yaml, with what differs here in the environment.
import { randomBytes } from 'node:crypto'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { makeTestImage } from '../../src/testing/index.js'
import { ApiServer } from '../support/api-server/index.js'
import { makeCertificates } from '../support/certificates.js'
import { basic, type DockerRegistry, pushImage, startDockerRegistry } from '../support/docker-registry.js'
import { type Engine, startEngine, startOwnEngine } from '../support/engine.js'
import { startPortainer } from '../support/portainer.js'
import { freePort, temporaryFolder, until } from '../support/processes.js'
import { startMitmproxy } from '../support/proxies/mitmproxy.js'
import { hosts, makeNamedCertificates } from '../support/proxies/names.js'
import { describeReal } from '../support/real.js'
import { type Run, runExample } from './run-example.js'

const user = { username: 'puller', password: 'canary-9f2c' }
const image = 'opencti/connector-example:1.0.0'
const name = 'connector-example'

describeReal('the recipes', ['dockerd', 'docker-registry', 'htpasswd', 'openssl'], () => {
  const testImage = makeTestImage({ message: randomBytes(4).toString('hex'), stays: true })
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let engine: Engine
  let registry: DockerRegistry
  beforeAll(async () => {
    folder = await temporaryFolder()
    ;[engine, registry] = await Promise.all([startEngine(), startDockerRegistry({ user })])
    await pushImage(`http://${registry.host}`, image, testImage, basic(user))
    await copyFile(join(import.meta.dirname, '../../examples/opencti.yaml'), join(folder.path, 'opencti.yaml'))
  })
  afterAll(async () => {
    await registry.stop()
    await engine.stop()
    await folder.remove()
  })

  /** Runs a recipe, which must not print the password. */
  const run = async (
    file: string,
    env: Readonly<Record<string, string>> = {},
    args: readonly string[] = [],
    stop?: Promise<unknown>,
  ): Promise<Run> => {
    const result = await runExample(file, args, {
      cwd: folder.path,
      env: {
        DOCKER_HOST: engine.host,
        OPENCTI__DAEMON__REGISTRY__SERVER: registry.host,
        OPENCTI__DAEMON__REGISTRY__USERNAME: user.username,
        OPENCTI__DAEMON__REGISTRY__PASSWORD: user.password,
        ...env,
      },
      ...(stop && { stop }),
    })
    expect(result.output).not.toContain(user.password)
    return result
  }
  const printing = (text: string): Run => ({ code: 0, output: expect.stringContaining(text) as string })

  describeReal('docker.ts and portainer.ts', ['dockerd'], () => {
    afterEach(() => engine.docker.getContainer(name).remove({ force: true }))
    const isRunning = async (): Promise<void> =>
      expect(await engine.docker.getContainer(name).inspect()).toMatchObject({
        Config: { Image: `${registry.host}/${image}` },
        State: { Running: true },
      })

    it('docker.ts', async () => {
      expect(await run('docker.ts')).toEqual(printing(`${registry.host}/${image} runs as `))
      await isRunning()
    })

    it('portainer.ts', async () => {
      const stored = { Id: 7, Name: 'private', URL: registry.host, Authentication: true, Username: user.username }
      const engineSocket = engine.host.replace('unix://', '')
      const registries = [{ ...stored, password: user.password }]
      const portainer = await startPortainer({ apiKey: 'ptr_key', environmentId: 1, engineSocket, registries })
      try {
        const env = { PORTAINER_API: portainer.api, PORTAINER_API_KEY: 'ptr_key', DOCKER_HOST: 'unix:///nowhere' }
        // The operator's are not asked for.
        const result = await run('portainer.ts', { ...env, OPENCTI__DAEMON__REGISTRY__PASSWORD: 'wrong' })
        expect(result).toEqual(printing('with the credentials of private'))
      } finally {
        await portainer.stop()
      }
      await isRunning()
    })
  })

  it('swarm.ts', async () => {
    const { docker } = engine
    await docker.swarmInit({ ListenAddr: `127.0.0.1:${await freePort()}`, AdvertiseAddr: '127.0.0.1' })
    try {
      expect(await run('swarm.ts')).toEqual(printing(`created: ${registry.host}/${image}@sha256:`))
      await until(async () => {
        const tasks = (await docker.listTasks({ filters: { service: [name] } })) as { Status: object }[]
        expect(tasks).toMatchObject([{ Status: { State: 'running' } }])
      })
      await docker.getService(name).remove()
    } finally {
      await docker.swarmLeave({ force: true })
    }
  })

  describeReal('on Kubernetes', ['openssl'], () => {
    let server: ApiServer
    const env = { KUBECONFIG: '' }
    beforeAll(async () => {
      server = await new ApiServer({ certificates: await makeCertificates(folder.path) }).start()
      env.KUBECONFIG = join(folder.path, 'kubeconfig')
      await writeFile(env.KUBECONFIG, server.kubeConfig().exportConfig())
      server.namespace('default')
    })
    afterAll(() => server.stop())

    it('kubernetes.ts', async () => {
      const { code, output } = await run('kubernetes.ts', env)
      expect(code, output).toBe(0)
      const imagePullSecrets = [{ name: 'opencti-registry-auth' }]
      const containers = [{ image: `${registry.host}/${image}` }]
      expect(server.read('pods', 'default', name)).toMatchObject({ spec: { imagePullSecrets, containers } })
      expect(server.read('secrets', 'default', 'opencti-registry-auth')).toBeDefined()
    })

    it('kubernetes-diagnose.ts', async () => {
      const waiting = { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x": no basic auth credentials' }
      server.put('pods', {
        metadata: { name: 'stuck', namespace: 'default' },
        spec: { containers: [{ name: 'connector', image }], serviceAccountName: 'default' },
        status: {
          phase: 'Pending',
          containerStatuses: [{ name: 'connector', image, imageID: '', state: { waiting } }],
        },
      })
      const result = await run('kubernetes-diagnose.ts', env, ['default', 'stuck'])
      expect(result).toEqual(printing('ERR_AUTHENTICATION_REQUIRED'))
    })

    it('kubernetes-many-namespaces.ts', async () => {
      for (const each of ['tenant-a', 'tenant-b']) {
        server.namespace(each, { pulls: 'private' })
        server.put('serviceaccounts', { metadata: { name: 'default', namespace: each } })
      }
      const attached = until(() => {
        for (const each of ['tenant-a', 'tenant-b', 'tenant-late']) {
          expect(server.read('serviceaccounts', each, 'default')?.['imagePullSecrets']).toBeDefined()
        }
        return Promise.resolve()
      })
      const late = until(() => {
        expect(server.read('secrets', 'tenant-b', 'opencti-registry-auth')).toBeDefined()
        server.namespace('tenant-late', { pulls: 'private' })
        server.put('serviceaccounts', { metadata: { name: 'default', namespace: 'tenant-late' } })
        return Promise.resolve()
      })
      const [result] = await Promise.all([run('kubernetes-many-namespaces.ts', env, [], attached), late])
      expect(result).toEqual(printing('tenant-a created'))
      expect(result.output).toContain('tenant-late created')
    })
  })

  it('why-cant-i-pull.ts', async () => {
    expect(await run('why-cant-i-pull.ts')).toEqual(printing('can be pulled'))
    const wrong = await run('why-cant-i-pull.ts', { OPENCTI__DAEMON__REGISTRY__PASSWORD: 'wrong' }, [image])
    expect(wrong).toMatchObject({ code: 1, output: expect.stringContaining('ERR_UNAUTHORIZED') as string })
  })

  describeReal('behind-a-proxy.ts', ['mitmdump'], () => {
    it('asks the registry through the proxy, and gives it to the container', async () => {
      const certificates = await makeNamedCertificates(folder.path)
      const proxy = await startMitmproxy({ mode: 'intercept', trust: certificates.caPath })
      const HTTPS_PROXY = `http://${proxy.host}`
      // The engine pulls by itself, and has a proxy and certificate authorities of its own.
      const behind = await startOwnEngine(undefined, { HTTPS_PROXY, SSL_CERT_FILE: proxy.caPath })
      const secured = await startDockerRegistry({ user, tls: certificates })
      try {
        await pushImage(`https://${secured.host}`, image, testImage, basic(user), certificates.ca)
        const server = `${hosts.registry}:${secured.port}`
        const { code, output } = await run('behind-a-proxy.ts', {
          ...{ HTTPS_PROXY, HTTPS_PROXY_CA: proxy.caPath, CA_BUNDLE: proxy.caPath },
          ...{ OPENCTI__DAEMON__WITH_PROXY: 'true', OPENCTI__DAEMON__REGISTRY__SERVER: server },
          DOCKER_HOST: behind.host,
        })
        expect(code, output).toBe(0)
        expect(output).toContain('can be pulled')
        expect(output).toContain(`through the proxy`)
        const { Config, Mounts } = await behind.docker.getContainer(name).inspect()
        expect(Config.Env).toContain(`HTTPS_PROXY=${HTTPS_PROXY}`)
        expect(Mounts).toMatchObject([{ Source: proxy.caPath, RW: false }])
        await behind.docker.getContainer(name).remove({ force: true })
      } finally {
        await secured.stop()
        await behind.stop()
        await proxy.stop()
      }
    })
  })
})
