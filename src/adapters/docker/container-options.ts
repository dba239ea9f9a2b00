import { createHash } from 'node:crypto'
import type Docker from 'dockerode'
import { caMount, proxyEnvironment } from '../../proxy/index.js'
import { containerName, type ContainerSpec } from './container-spec.js'

/** Where the container's options are kept, as a SHA-256, so that `onExisting: 'keep'` can compare them. */
const OPTIONS_LABEL = 'io.pullpass.options'

/** The container as the engine is asked to create it: the caller's options, with image, name, proxy and CA added. */
export function containerOptions(spec: ContainerSpec, image: string): Docker.ContainerCreateOptions {
  const { createOptions = {}, caPath } = spec
  const name = containerName(spec)
  const mount = caPath === undefined ? undefined : caMount({ hostPath: caPath })
  const env = environment(spec, mount?.Target)
  const options = {
    ...createOptions,
    Image: image,
    ...(name !== undefined && { name }),
    ...(env.length > 0 && { Env: env }),
    ...(mount && {
      HostConfig: { ...createOptions.HostConfig, Mounts: [...(createOptions.HostConfig?.Mounts ?? []), mount] },
    }),
  }
  return { ...options, Labels: { ...createOptions.Labels, [OPTIONS_LABEL]: fingerprint(options) } }
}

/** Whether a container was made with these options. One that pullpass did not make never was. */
export function sameOptions(existing: Docker.ContainerInspectInfo, spec: ContainerSpec, image: string): boolean {
  const labels = existing.Config.Labels as Readonly<Record<string, string>> | null
  return labels?.[OPTIONS_LABEL] === containerOptions(spec, image).Labels?.[OPTIONS_LABEL]
}

/** Variables of the caller's own win, whichever case they are in: some programs read `http_proxy` alone. */
function environment({ createOptions, proxy }: ContainerSpec, caPath: string | undefined): string[] {
  const own = createOptions?.Env ?? []
  if (!proxy) return own
  const named = new Set(own.map((entry) => entry.split('=', 1)[0]?.toUpperCase()))
  const added = Object.entries(proxyEnvironment(proxy, caPath === undefined ? {} : { caPath }))
  return [...own, ...added.filter(([key]) => !named.has(key.toUpperCase())).map(([key, value]) => `${key}=${value}`)]
}

/** The same for the same options, in whatever order their keys are. */
function fingerprint(options: object): string {
  const sorted = (_key: string, value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value
  return createHash('sha256').update(JSON.stringify(options, sorted)).digest('hex')
}
