import { inspect } from 'node:util'
import Docker from 'dockerode'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deployContainer, pullImage, refreshServiceAuth } from '../../../src/adapters/docker/index.js'
import {
  findPortainerRegistry,
  listPortainerRegistries,
  portainerDockerOptions,
  type PortainerOptions,
  portainerRegistryHeader,
} from '../../../src/adapters/portainer/index.js'
import { type Certificates, makeCertificates } from '../../support/certificates.js'
import { type Fixture, startFixture, user } from '../../support/docker-fixtures.js'
import { type Engine, startEngine } from '../../support/engine.js'
import { type Portainer, startPortainer } from '../../support/portainer.js'
import { freePort, temporaryFolder } from '../../support/processes.js'
import { describeReal } from '../../support/real.js'

const apiKey = 'canary-api-key'

describe('portainerDockerOptions', () => {
  const at = (api: string, more: Partial<PortainerOptions> = {}): Docker.DockerOptions =>
    portainerDockerOptions({ api, apiKey, environmentId: 3, ...more })

  it('puts the environment in front of every path, and the key into a header', () => {
    expect(at('https://portainer.example.com:9443', { apiVersion: '1.41' })).toMatchObject({
      protocol: 'https',
      host: 'portainer.example.com',
      port: 9443,
      version: 'api/endpoints/3/docker/v1.41',
      headers: { 'X-API-Key': apiKey },
    })
  })

  it.each([
    ['http://portainer/', 'http', 80, 'api/endpoints/3/docker'],
    ['https://example.com/portainer/', 'https', 443, 'portainer/api/endpoints/3/docker'],
    ['https://example.com/portainer/api', 'https', 443, 'portainer/api/endpoints/3/docker'],
    ['https://example.com:8443/api/', 'https', 8443, 'api/endpoints/3/docker'],
  ])('reads %s', (api, protocol, port, version) => {
    expect(at(api)).toMatchObject({ protocol, port, version })
  })

  it.each([
    [{ api: 'portainer:9443' }, 'ERR_SETTINGS'],
    [{ api: `https://user:${apiKey}@portainer` }, 'ERR_SETTINGS'],
    [{ api: `https://:${apiKey}@portainer` }, 'ERR_SETTINGS'],
    [{ environmentId: 'local' }, 'ERR_SETTINGS'],
    [{ environmentId: apiKey }, 'ERR_SETTINGS'],
    [{ apiVersion: 'latest' }, 'ERR_SETTINGS'],
  ])('refuses %j', (wrong, code) => {
    const attempt = (): unknown => at('https://portainer', wrong)
    expect(attempt).toThrow(expect.objectContaining({ code }))
    expect(attempt).not.toThrow(apiKey)
  })

  it('asks for its options by name', () => {
    expect(() => portainerDockerOptions(undefined as never)).toThrow(
      new TypeError('options must be an object, not undefined'),
    )
    expect(() => at('https://portainer', { apiVersion: 1.4 as never })).toThrow(/^apiVersion must be a string/)
    expect(() => findPortainerRegistry({} as never, 'alpine')).toThrow(/^registries must be a list/)
  })

  it('asks for a key, and prints it masked', () => {
    expect(() => at('https://portainer', { apiKey: '' })).toThrow('apiKey: found none, expected an access token')
    const options = at('https://portainer')
    for (const printed of [options, new Docker(options), new Docker(options).getContainer('x')]) {
      expect(inspect(printed, { depth: null })).not.toContain(apiKey)
    }
  })
})

describe('findPortainerRegistry', () => {
  const registry = (id: number, url: string, authentication = true) => ({ id, name: `r${id}`, url, authentication })
  const registries = [
    registry(1, 'docker.io'),
    registry(2, 'registry.example.com'),
    registry(3, 'registry.example.com/team'),
    registry(4, 'https://other.example.com:5000/'),
    registry(5, 'open.example.com', false),
    registry(6, 'https://deep.example.com'),
    registry(7, 'deep.example.com/a'),
  ]

  it.each([
    ['alpine', 1],
    ['registry.example.com/app:1', 2],
    ['registry.example.com/team/app:1', 3],
    ['registry.example.com/teamwork/app:1', 2],
    ['other.example.com:5000/app', 4],
    ['other.example.com/app', undefined],
    ['open.example.com/app', undefined],
    ['deep.example.com/a/app', 7],
    ['deep.example.com/b/app', 6],
    ['registry.example.com.evil.net/app', undefined],
  ])('finds for %s: %s', (image, id) => {
    expect(findPortainerRegistry(registries, image)?.id).toBe(id)
  })
})

describeReal('Portainer in front of a real engine', ['dockerd', 'docker-registry', 'htpasswd', 'openssl'], () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let engine: Engine
  let fixture: Fixture
  let portainer: Portainer
  let certificates: Certificates
  let options: PortainerOptions
  beforeAll(async () => {
    folder = await temporaryFolder()
    ;[engine, fixture, certificates] = await Promise.all([startEngine(), startFixture(), makeCertificates(folder.path)])
    const stored = { Id: 7, Name: 'private', URL: fixture.registry.host, Authentication: true, Username: user.username }
    portainer = await startPortainer({
      apiKey,
      environmentId: 3,
      forbiddenEnvironmentId: 4,
      engineSocket: engine.host.replace('unix://', ''),
      registries: [{ ...stored, password: user.password }],
      tls: certificates,
    })
    options = { api: portainer.api, apiKey, environmentId: 3, tls: { ca: [certificates.ca] } }
  })
  afterAll(async () => {
    await portainer.stop()
    await fixture.registry.stop()
    await engine.stop()
    await folder.remove()
  })
  const docker = (more: Partial<PortainerOptions> = {}): Docker =>
    new Docker(portainerDockerOptions({ ...options, ...more }))
  const withoutImage = async (): Promise<void> => {
    await engine.docker
      .getImage(fixture.name)
      .remove({ force: true })
      .catch(() => {})
  }

  it('pulls with credentials of one’s own, and runs the container', async () => {
    await withoutImage()
    const spec = { image: fixture.name, createOptions: { HostConfig: { NetworkMode: 'none' }, Tty: true } }
    const { container } = await deployContainer(docker({ apiVersion: '1.41' }), spec, { credentials: user })
    await container.wait()
    expect((await container.logs({ stdout: true })).toString()).toMatch(/^hello /)
    await container.remove()
    expect(portainer.requests).toContainEqual(
      expect.stringMatching(/^POST \/api\/endpoints\/3\/docker\/v1\.41\/images\//),
    )
  })

  it('pulls with credentials that standard base64 would spell with + and /', async () => {
    const odd = { ...user, password: '>>>???~~~üÿ' }
    await expect(pullImage(docker(), fixture.name, { credentials: odd })).rejects.toMatchObject({
      code: 'ERR_UNAUTHORIZED',
    })
  })

  it('pulls with the credentials that Portainer keeps', async () => {
    await withoutImage()
    const registries = await listPortainerRegistries(options)
    expect(registries).toEqual([{ id: 7, name: 'private', url: fixture.registry.host, authentication: true }])
    const registryAuth = portainerRegistryHeader(findPortainerRegistry(registries, fixture.name)!.id)
    expect(await pullImage(docker(), fixture.name, { registryAuth })).toMatchObject({ alreadyPresent: false })
  })

  it('says that the API key, the environment or the right to it is missing', async () => {
    for (const [wrong, status] of [
      [{ apiKey: 'other' }, '401'],
      [{ environmentId: 4 }, '403'],
      [{ environmentId: 5 }, '404'],
    ] as const) {
      const attempts = [
        (): Promise<unknown> => pullImage(docker(wrong), fixture.name),
        (): Promise<unknown> => pullImage(docker(wrong), fixture.name, { policy: 'Never' }),
        (): Promise<unknown> => refreshServiceAuth(docker(wrong), 'x', { credentials: user }),
        (): Promise<unknown> => listPortainerRegistries({ ...options, ...wrong }),
        (): Promise<unknown> => deployContainer(docker(wrong), { image: fixture.name, name: 'x' }),
      ]
      for (const attempt of attempts) {
        const error: unknown = await attempt().catch((thrown: unknown) => thrown)
        expect(error).toMatchObject({ code: 'ERR_PORTAINER', message: expect.stringContaining(status) as string })
        expect(inspect(error)).not.toContain(apiKey)
      }
    }
  })

  it('verifies the certificate unless told not to', async () => {
    await expect(listPortainerRegistries({ ...options, tls: {} })).rejects.toMatchObject({
      code: 'ERR_CERTIFICATE_UNKNOWN_AUTHORITY',
    })
    expect(await listPortainerRegistries({ ...options, tls: { rejectUnauthorized: false } })).toHaveLength(1)
    expect(await listPortainerRegistries({ ...options, tls: { ca: certificates.ca } })).toHaveLength(1)
  })

  it('says that Portainer cannot be reached, or is not Portainer, and stops when told to', async () => {
    const nowhere = { ...options, api: `https://127.0.0.1:${await freePort()}` }
    await expect(listPortainerRegistries(nowhere)).rejects.toMatchObject({ code: 'ERR_CONNECTION_REFUSED' })
    const registry = { ...options, api: `http://${fixture.registry.host}` }
    await expect(listPortainerRegistries(registry)).rejects.toMatchObject({ code: 'ERR_PORTAINER' })
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(listPortainerRegistries(options, { signal })).rejects.toThrow('enough')
  })
})
