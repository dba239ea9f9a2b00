import type Docker from 'dockerode'
import type { ProxySettings, Settings } from '../../settings/index.js'

/** What `deployContainer` launches. */
export interface ContainerSpec {
  /** An image name, as in a connector's definition: `opencti/connector-example:1.0.0`. */
  readonly image: string
  /** Name of the container. Default: the engine's choice. */
  readonly name?: string
  /** Everything else of the container, in Docker's own words. `Image` and `name` are taken from above. */
  readonly createOptions?: Docker.ContainerCreateOptions
  /** The operator's settings: the registry in front of the image name, its credentials, and how often to try. */
  readonly settings?: Settings
  /** Gives the container this proxy in its environment; variables of the caller's own win. */
  readonly proxy?: ProxySettings
  /** A file on the engine's host with all CA certificates that the container is to trust, mounted read-only. */
  readonly caPath?: string
  /**
   * What to do about a container of that name:
   * - `'error'`, the default: throw `ERR_CONTAINER_EXISTS`;
   * - `'replace'`: the new one takes its place; the old one is kept until then, and comes back if that fails;
   * - `'keep'`: leave it, and start it where it is stopped, if its image and options are these; throw otherwise.
   */
  readonly onExisting?: 'error' | 'replace' | 'keep'
}
