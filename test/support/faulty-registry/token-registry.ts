import { makeTestImage, type TestImage } from '../../../src/testing/index.js'
import { basic, type DockerRegistry, pushImage, startDockerRegistry } from '../docker-registry.js'
import { temporaryFolder } from '../processes.js'
import { startTokenServer, type TokenServer, type TokenServerUser } from '../token-server.js'

/** Debian's docker-registry with token authentication, and the token server that it believes. */
export interface TokenRegistry extends AsyncDisposable {
  readonly registry: DockerRegistry
  readonly tokenServer: TokenServer
  readonly image: TestImage
}

/** Starts both, with one image under each of `names` (`acme/app:1.0`). Forgets the requests that this took. */
export async function startTokenRegistry(user: TokenServerUser, names: readonly string[]): Promise<TokenRegistry> {
  const folder = await temporaryFolder()
  const tokenServer = await startTokenServer(folder.path, user)
  const registry = await startDockerRegistry({ tokenServer })
  const image = makeTestImage()
  for (const name of names) {
    const url = new URL(tokenServer.realm)
    url.searchParams.set('scope', `repository:${name.split(':')[0] ?? ''}:pull,push`)
    const answer = await fetch(url, { headers: { authorization: basic(user) } })
    const { token } = (await answer.json()) as { token: string }
    await pushImage(`http://${registry.host}`, name, image, `Bearer ${token}`)
  }
  tokenServer.forget()
  return {
    registry,
    tokenServer,
    image,
    [Symbol.asyncDispose]: async () => {
      await registry.stop()
      await tokenServer.stop()
      await folder.remove()
    },
  }
}
