import type Docker from 'dockerode'
import { PullpassError } from '../../errors.js'
import { checkObject, kindOf } from '../../kind-of.js'
import { isHostPath } from '../../proxy/ca-container.js'
import { checkProxySettings } from '../../settings/check-proxy.js'
import type { ProxySettings, Settings } from '../../settings/index.js'

/** What `deployContainer` launches. */
export interface ContainerSpec {
  /** An image name, as in a connector's definition: `opencti/connector-example:1.0.0`. */
  readonly image: string
  /** Name of the container. Default: `name` of `createOptions`, else the engine's choice. */
  readonly name?: string | undefined
  /** Everything else of the container, in Docker's own words. `Image` is taken from above, and so is `name`. */
  readonly createOptions?: Docker.ContainerCreateOptions | undefined
  /** The operator's settings, or parts of them: the registry in front of the image name, its credentials, and how often to try. */
  readonly settings?: Partial<Settings> | undefined
  /** Gives the container this proxy in its environment; variables of the caller's own win. */
  readonly proxy?: ProxySettings | undefined
  /** A file on the engine's host with all CA certificates that the container is to trust, mounted read-only. */
  readonly caPath?: string | undefined
  /**
   * What to do about a container of that name:
   * - `'error'`, the default: throw `ERR_CONTAINER_EXISTS`;
   * - `'replace'`: the new one takes its place; the old one is kept until then, and comes back if that fails;
   * - `'keep'`: leave it, and start it where it is stopped, if its image and options are these; throw otherwise;
   * - `'update'`: `'keep'` where that would not throw, else `'replace'`.
   */
  readonly onExisting?: 'error' | 'replace' | 'keep' | 'update' | undefined
}

/** @throws {TypeError} A part of it has the wrong type. */
export function checkSpec(spec: ContainerSpec): void {
  checkObject(spec, 'spec')
  const { image, createOptions = {}, onExisting = 'error', proxy, caPath } = spec
  if (typeof image !== 'string') throw new TypeError(`image must be a string, not ${kindOf(image)}`)
  checkObject(createOptions, 'createOptions')
  checkProxySettings(proxy)
  if (caPath !== undefined && !isHostPath(caPath)) {
    throw new TypeError("caPath must be an absolute path on the engine's machine")
  }
  if (!['error', 'replace', 'keep', 'update'].includes(onExisting)) {
    throw new TypeError(`onExisting must be 'error', 'replace', 'keep' or 'update', not '${onExisting}'`)
  }
}

/**
 * The name of the container, without the slash that engines put in front of it.
 *
 * @throws {PullpassError} `ERR_DEPLOY`: it is not what engines take for one. It becomes a part of URLs.
 */
export function containerName({ name: own, createOptions }: ContainerSpec): string | undefined {
  const name = own ?? createOptions?.name
  if (name === undefined) return undefined
  const [, plain] = /^\/?([A-Za-z0-9][A-Za-z0-9_.-]*)$/.exec(name) ?? []
  if (plain !== undefined) return plain
  throw new PullpassError('ERR_DEPLOY', `name: found '${name}', expected the name of a container`, {
    hint: "Use letters, digits, '_', '.' and '-', a letter or digit first.",
  })
}
