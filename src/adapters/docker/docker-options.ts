import type { Agent } from 'node:http'
import type Docker from 'dockerode'
import { checkProxySettings } from '../../settings/check-proxy.js'
import type { ProxySettings } from '../../settings/types.js'
import { createAgent } from '../agent/index.js'

/** Options for dockerode, which takes an agent too; its types leave it out. */
export type DockerOptions = Docker.DockerOptions & { readonly agent?: Agent }

/**
 * Options with which dockerode reaches an engine over TCP or TLS, directly or through the proxy, as `planRoute` decides:
 * `new Docker(dockerOptions(settings.proxy, { host: 'engine.example.com', port: 2376, ca, cert, key }))`.
 *
 * `ca`, `cert` and `key` of `base` are for the engine, on either route; through the proxy, the proxy's certificate
 * authorities are trusted too. Options for a Unix socket or for ssh come back as they are. Where `base` does not say
 * where the engine is, dockerode looks at `DOCKER_HOST`, and what is said here holds for what it finds there.
 *
 * What the proxy is to blame for is a `PullpassError`, as `createAgent` has it, in place of dockerode's error.
 *
 * @param proxy `undefined`: directly.
 * @param base Options for dockerode. They are copied, and never changed.
 * @throws {PullpassError} `ERR_SETTINGS`: a CA file of `proxy` cannot be read or holds no certificate.
 * @throws {TypeError} `proxy` is something else, such as a URL.
 */
export function dockerOptions(proxy: ProxySettings | undefined, base: Docker.DockerOptions = {}): DockerOptions {
  checkProxySettings(proxy)
  const local = base.socketPath !== undefined && base.host === undefined
  if (!proxy || local || base.protocol === 'ssh') return { ...base }
  return { ...base, agent: createAgent(proxy) }
}
