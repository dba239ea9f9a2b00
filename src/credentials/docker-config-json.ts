import { PullpassError } from '../errors.js'
import { checkObject } from '../kind-of.js'
import { encodeAuth } from './auth.js'
import { checkCredentials, isIdentityToken, isRegistryToken } from './check.js'
import { type DockerConfigEntry, type DockerConfigJson, maskedAuths } from './docker-config.js'
import { authsKey, shownKey } from './server-key.js'
import type { Credentials } from './types.js'

/**
 * Makes the content of a pull secret (type `kubernetes.io/dockerconfigjson`) or of a config.json, with the entries that
 * `kubectl create secret docker-registry` makes. {@link serializeDockerConfigJson} turns it into text.
 *
 * @param entries Server -> credentials. A server becomes the key as it is written, with scheme, path and capitals, but
 * for Docker Hub: whichever of its names is given, its key is `https://index.docker.io/v1/`, the only one that both
 * Docker and kubelet look under. (kubectl leaves `docker.io`, which docker CLI does not find.) A namespace behind the
 * name (`docker.io/team`) stays; kubelet heeds it.
 * @returns `auths`, sorted by key. Printed with the secrets masked. An identity token becomes `identitytoken` and a
 * registry token `registrytoken`, which Docker reads and kubelet does not.
 * @throws {PullpassError} `ERR_CREDENTIALS` for an empty server, two different entries for one key, an empty password,
 * and credentials that {@link encodeAuth} refuses.
 */
export function dockerConfigJson(entries: Readonly<Record<string, Credentials>>): DockerConfigJson {
  checkObject(entries, 'entries')
  const auths = new Map<string, DockerConfigEntry>()
  for (const [server, credentials] of Object.entries(entries)) {
    const key = authsKey(server)
    const entry = makeEntry(credentials, server)
    const other = auths.get(key)
    if (other !== undefined && JSON.stringify(other) !== JSON.stringify(entry)) {
      throw new PullpassError('ERR_CREDENTIALS', `two entries with different credentials are for ${shownKey(key)}`, {
        hint: 'Keep one of them: all of the names of Docker Hub are one registry.',
      })
    }
    auths.set(key, entry)
  }
  const sorted = [...auths].sort(([a], [b]) => (a < b ? -1 : 1))
  return { auths: maskedAuths(sorted) }
}

/**
 * A docker config as JSON text, byte for byte as Go writes it: `<`, `>`, `&` and the separators U+2028 and U+2029
 * escaped. So a secret that kubectl made and one made here can be compared as text.
 */
export function serializeDockerConfigJson(config: DockerConfigJson): string {
  return JSON.stringify(config).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Fields in the order in which kubectl writes them. */
function makeEntry(credentials: Credentials, server: string): DockerConfigEntry {
  checkCredentials(credentials)
  if (isRegistryToken(credentials)) return { registrytoken: credentials.registryToken }
  if (isIdentityToken(credentials)) {
    const { username, identityToken } = credentials
    // Docker keeps the user of an identity token in an `auth` without a password.
    const auth = username === undefined ? {} : { auth: encodeAuth({ username, password: '' }) }
    return { ...auth, identitytoken: identityToken }
  }
  const { username, password, email } = credentials
  if (password === '') {
    throw new PullpassError('ERR_CREDENTIALS', `the password for ${shownKey(server)} is empty`, {
      hint: 'Give a password or a token. kubectl refuses an empty one, too.',
    })
  }
  return {
    username,
    password,
    ...(email === undefined || email === '' ? {} : { email }),
    auth: encodeAuth({ username, password }),
  }
}
