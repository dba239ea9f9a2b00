import { makeTestImage, type TestImage } from '../../../src/testing/index.js'
import { basic, type DockerRegistry, pushImage, startDockerRegistry } from '../docker-registry.js'
import { temporaryFolder } from '../processes.js'
import { startTokenServer, type TokenServer, type TokenServerUser } from '../token-server.js'

/** Debian's docker-registry with token authentication, and the token server that it believes. */
export interface TokenRegistry extends AsyncDisposable {
  readonly registry: DockerRegistry
  readonly tokenServer: TokenServer
  readonly image: TestImage
  /** Puts another one there. */
  push(name: string, image: TestImage): Promise<void>
}

/**
 * Starts both, with one image under each of `names` (`acme/app:1.0`). Forgets the requests that this took.
 *
 * @param realm Where the registry says that the token server is. Default: where it is.
 */
export async function startTokenRegistry(
  user: TokenServerUser,
  names: readonly string[],
  realm?: string,
): Promise<TokenRegistry> {
  const folder = await temporaryFolder()
  const tokenServer = await startTokenServer(folder.path, user)
  const registryConfiguration = { ...tokenServer.registryConfiguration, ...(realm !== undefined && { realm }) }
  const registry = await startDockerRegistry({ tokenServer: { ...tokenServer, registryConfiguration } })
  const image = makeTestImage()
  const push = async (name: string, content: TestImage): Promise<void> => {
    const url = new URL(tokenServer.realm)
    url.searchParams.set('scope', `repository:${name.split(':')[0] ?? ''}:pull,push`)
    const answer = await fetch(url, { headers: { authorization: basic(user) } })
    const { token } = (await answer.json()) as { token: string }
    await pushImage(`http://${registry.host}`, name, content, `Bearer ${token}`)
  }
  for (const name of names) await push(name, image)
  tokenServer.forget()
  return {
    registry,
    tokenServer,
    image,
    push,
    [Symbol.asyncDispose]: async () => {
      await registry.stop()
      await tokenServer.stop()
      await folder.remove()
    },
  }
}
