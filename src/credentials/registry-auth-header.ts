import { encodeBase64 } from './base64.js'
import { checkCredentials, isIdentityToken, isRegistryToken } from './check.js'
import { serverAddress } from './server-key.js'
import type { Credentials } from './types.js'

/**
 * The `X-Registry-Auth` header with which Docker Engine pulls: padded base64url of JSON. The engine takes a header that
 * it cannot read for none at all, and pulls anonymously.
 *
 * @param credentials A registry token goes before an identity token, and that before a password.
 * @param server The registry, as a host with an optional port. A scheme and a path are cut off. Docker Hub becomes
 * `https://index.docker.io/v1/`, whichever of its names is given.
 * @returns The same text for the same input, each time.
 * @throws {PullpassError} `ERR_CREDENTIALS` for an empty `server`, and for credentials that {@link encodeAuth} refuses.
 * @see https://docs.docker.com/reference/api/engine/ "Authentication"
 */
export function registryAuthHeader(credentials: Credentials, server: string): string {
  checkCredentials(credentials)
  return encodeBase64(safeJson({ ...secretFields(credentials), serveraddress: serverAddress(server) }))
}

/**
 * JSON whose base64 needs neither `+` and `/` nor `-` and `_`: of ASCII, only what ends in the bits of `>`, `?`, `~` and
 * DEL does. So it is the same in both alphabets: the engine decodes the one for URLs, Portainer in front of it the other.
 */
function safeJson(value: unknown): string {
  const escape = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(value).replace(/[>?~\u007f-\uffff]/g, escape)
}

function secretFields(credentials: Credentials): Record<string, string | undefined> {
  if (isRegistryToken(credentials)) return { registrytoken: credentials.registryToken }
  if (isIdentityToken(credentials)) {
    return { username: credentials.username, identitytoken: credentials.identityToken }
  }
  const { username, password, email } = credentials
  return { username, password, email: email === '' ? undefined : email }
}
