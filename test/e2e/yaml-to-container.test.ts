import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deployContainer } from '../../src/adapters/docker/index.js'
import { loadSettings } from '../../src/node/index.js'
import { makeTestImage } from '../../src/testing/index.js'
import { basic, type DockerRegistry, pushImage, startDockerRegistry } from '../support/docker-registry.js'
import { type Engine, startEngine } from '../support/engine.js'
import { temporaryFolder } from '../support/processes.js'
import { describeReal } from '../support/real.js'
import { startTokenServer, type TokenServer } from '../support/token-server.js'

const user = { username: 'robot$ci', password: 'pä:ss wörd' }
const image = 'opencti/connector-example:1.0.0'
const message = 'a connector that came all the way\n'

describeReal('from an operator’s YAML to a container', ['dockerd', 'docker-registry', 'htpasswd', 'openssl'], () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let engine: Engine
  let tokenServer: TokenServer
  const registries: Record<string, DockerRegistry> = {}
  beforeAll(async () => {
    folder = await temporaryFolder()
    tokenServer = await startTokenServer(folder.path, user)
    engine = await startEngine()
    registries['htpasswd'] = await startDockerRegistry({ user })
    registries['tokens'] = await startDockerRegistry({ tokenServer })
    await pushImage(`http://${registries['htpasswd'].host}`, image, makeTestImage({ message }), basic(user))
    await pushWithToken(registries['tokens'], tokenServer)
  })
  afterAll(async () => {
    await tokenServer.stop()
    for (const registry of Object.values(registries)) await registry.stop()
    await engine.stop()
    await folder.remove()
  })

  describe.each(['htpasswd', 'tokens'])('on a registry with %s', (kind) => {
    const deploy = async (registry: string, env: Record<string, string>): Promise<string> => {
      const file = join(folder.path, 'opencti.yaml')
      await writeFile(file, `opencti:\n  daemon:\n    registry:\n      retry_delay: 0\n${registry}`)
      const server = registries[kind]!.host
      const settings = await loadSettings({ file, env: { OPENCTI__DAEMON__REGISTRY__SERVER: server, ...env } })
      const createOptions = { HostConfig: { NetworkMode: 'none' }, Tty: true }
      const { container } = await deployContainer(engine.docker, { image, settings, createOptions })
      await container.wait()
      const output = (await container.logs({ stdout: true })).toString()
      await container.remove()
      return output.replaceAll('\r', '')
    }
    const withUser = `      username: ${user.username}\n`

    it('runs, with the password from the environment', async () => {
      const env = { opencti__daemon__registry__password: user.password }
      expect(await deploy(withUser, env)).toBe(message)
      await engine.docker.getImage(`${registries[kind]!.host}/${image}`).remove({ force: true })
    })

    it('says what is missing without credentials, and what is wrong with wrong ones', async () => {
      const none: unknown = await deploy('', {}).catch((error: unknown) => error)
      const wrong: unknown = await deploy(`${withUser}      password: wrong\n`, {}).catch((error: unknown) => error)
      // A token server gives anybody a token that allows nothing, and the registry then does not say why not.
      const code = kind === 'tokens' ? 'ERR_ACCESS_DENIED' : 'ERR_AUTHENTICATION_REQUIRED'
      const hint = expect.stringMatching(/credentials|username/) as string
      expect(none).toMatchObject({ code, hint, message: expect.stringContaining('without credentials') as string })
      expect(wrong).toMatchObject({
        code: 'ERR_UNAUTHORIZED',
        hint: expect.stringContaining('docker login') as string,
        message: expect.stringContaining("of user 'robot$ci' (settings)") as string,
      })
    })
  })
})

async function pushWithToken(registry: DockerRegistry, { realm }: TokenServer): Promise<void> {
  const scope = `repository:${image.split(':')[0] ?? ''}:pull,push`
  const query = new URLSearchParams({ service: 'pullpass tests', scope })
  const answer = await fetch(`${realm}?${query.toString()}`, { headers: { authorization: basic(user) } })
  const { token } = (await answer.json()) as { token: string }
  await pushImage(`http://${registry.host}`, image, makeTestImage({ message }), `Bearer ${token}`)
}
