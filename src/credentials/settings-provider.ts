import { checkObject } from '../kind-of.js'
import type { ImageReference } from '../reference/types.js'
import { parseRegistryServer } from '../settings/server.js'
import type { RegistrySettings } from '../settings/types.js'
import type { NamedProvider } from './chain.js'
import { nothing } from './nothing.js'
import { isSameRegistry } from './server-key.js'
import type { PasswordCredentials } from './types.js'

const NAME = 'settings'

/**
 * The credentials that an operator configured, for images on the configured registry and nowhere else: the same host,
 * with the same port, and, where the server has a namespace (`registry.example.com/team`), a repository in it. Hosts
 * compare without regard to capitals; all names of Docker Hub are one host.
 *
 * @returns A source named `settings`, for `credentialChain`.
 * @throws {PullpassError} `ERR_SETTINGS` for a server that is not one.
 * @throws {TypeError} When `settings` is not an object.
 */
export function settingsCredentials(settings: { readonly registry?: RegistrySettings | undefined }): NamedProvider {
  checkObject(settings, 'settings')
  const { registry } = settings
  if (registry === undefined) return nothing(NAME, 'no registry is configured')
  const { server, username, password, email } = registry
  if (username === undefined || password === undefined) return nothing(NAME, 'no username and password are configured')
  const { host, namespace } = parseRegistryServer(server)
  const place = namespace === '' ? host : `${host}/${namespace}`
  const credentials: PasswordCredentials = { username, password, ...(email === undefined ? {} : { email }) }
  return {
    name: NAME,
    provide: (reference, { note }) => {
      const isTheirs = isSameRegistry(reference.registry, host) && isInside(reference, namespace)
      if (place !== reference.registry) note(`credentials are for ${place}`)
      return isTheirs ? credentials : undefined
    },
  }
}

function isInside({ repository }: ImageReference, namespace: string): boolean {
  return namespace === '' || repository === namespace || repository.startsWith(`${namespace}/`)
}
