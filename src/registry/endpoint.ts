import { isIPv4 } from 'node:net'
import { PullpassError } from '../errors.js'
import { DOCKER_HUB, DOCKER_HUB_API_HOST } from '../reference/docker-hub.js'
import { addressKind } from './addresses.js'

/** Where the API of a registry may be found, and on what terms. */
export interface Endpoint {
  /** As in an image name: `docker.io`, `localhost:5000`. */
  readonly registry: string
  /**
   * Origins to try, in order. Docker's rule: `https:` first; `http:` only for a registry on loopback or an insecure
   * one.
   */
  readonly origins: readonly URL[]
  /** Whether any certificate will do. Unlike Docker, loopback alone is no reason for that. */
  readonly insecure: boolean
}

/**
 * The endpoint of a registry, by its name in an image reference.
 *
 * @throws {PullpassError} `ERR_IMAGE_REFERENCE` for a port that cannot be, which image names may have.
 */
export function endpointOf(registry: string, insecure: boolean): Endpoint {
  const host = registry === DOCKER_HUB ? DOCKER_HUB_API_HOST : registry
  if (!URL.canParse(`https://${host}`)) {
    throw new PullpassError('ERR_IMAGE_REFERENCE', `the registry '${registry}' is no host that can be connected to`, {
      hint: 'Check the port: it is a number from 1 to 65535.',
    })
  }
  const secure = new URL(`https://${host}`)
  const plainToo = insecure || isLoopbackHost(secure.hostname)
  return { registry, origins: plainToo ? [secure, new URL(`http://${host}`)] : [secure], insecure }
}

/** Whether a host, as `URL.hostname` has it, is this machine by its name alone: `localhost`, 127.0.0.0/8, `[::1]`. */
export function isLoopbackHost(hostname: string): boolean {
  const host = hostname.replace(/\.$/, '')
  if (host === 'localhost' || host.endsWith('.localhost')) return true
  const address = addressIn(hostname)
  return address !== undefined && addressKind(address) === 'loopback'
}

/** The IP address that a host, as `URL.hostname` has it, is; `undefined` for a name. */
export function addressIn(hostname: string): string | undefined {
  if (hostname.startsWith('[')) return hostname.slice(1, -1)
  return isIPv4(hostname) ? hostname : undefined
}
