import type Docker from 'dockerode'
import { abortable } from '../../abortable.js'
import { parseIpAddress, parseIpNetwork } from '../../proxy/ip-address.js'

/** What `docker info` says of registries. */
interface RegistryConfig {
  readonly IndexConfigs?: Readonly<Record<string, { readonly Secure?: boolean } | undefined>> | null
  readonly InsecureRegistryCIDRs?: readonly string[] | null
}

/**
 * Whether an engine speaks to a registry without TLS, or with any certificate, is the engine's own setting: no client
 * can ask for it.
 *
 * @returns What to add to the engine's configuration, and where; `undefined` where it is there, and where the engine does
 * not tell.
 */
export async function insecureAdvice(
  docker: Docker,
  registry: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  // What does not let everybody ask, as a proxy in front of the engine, may well let them pull.
  const asked = (docker.info() as Promise<{ readonly RegistryConfig?: RegistryConfig | null }>).catch(() => undefined)
  const info = await abortable(asked, signal)
  if (!info) return undefined
  const { RegistryConfig } = info
  const hostname = registry.replace(/:\d+$/, '')
  const configs = RegistryConfig?.IndexConfigs ?? {}
  if ([registry, hostname].some((name) => configs[name]?.Secure === false)) return undefined
  const host = hostname === 'localhost' ? '127.0.0.1' : hostname
  if (isInside(host, RegistryConfig?.InsecureRegistryCIDRs ?? [])) return undefined
  return (
    `The engine does not take ${registry} for an insecure registry. ` +
    `Docker: add "insecure-registries": ["${registry}"] to /etc/docker/daemon.json and restart the engine. ` +
    `Podman: add [[registry]] with location = "${registry}" and insecure = true to /etc/containers/registries.conf. ` +
    `Better: add the CA that signed its certificate as /etc/docker/certs.d/${registry}/ca.crt, which both read`
  )
}

function isInside(hostname: string, networks: readonly string[]): boolean {
  const address = parseIpAddress(hostname.replace(/^\[|\]$/g, ''))
  if (!address) return false
  return networks.some((text) => {
    const network = parseIpNetwork(text)
    return network?.bits === address.bits && address.value >> BigInt(address.bits - network.prefix) === network.value
  })
}
