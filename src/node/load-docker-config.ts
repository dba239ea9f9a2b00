import type { DockerConfig } from '../credentials/docker-config.js'
import type { Logger } from '../logger.js'
import type { Env } from '../settings/types.js'
import { configPaths, readConfigFile, warnIfOpen } from './config-files.js'

/** Options of {@link loadDockerConfig}. */
export interface LoadDockerConfigOptions {
  /** Default: `process.env`. */
  readonly env?: Env | undefined
  readonly signal?: AbortSignal | undefined
  /** Warned about a file that others can read. */
  readonly logger?: Logger | undefined
}

/**
 * Reads Docker's config.json, as it stands: in the directory that `DOCKER_CONFIG` names, or else in `.docker` in the
 * home directory (`HOME`; on Windows `USERPROFILE`). Where there is none, `.dockercfg` in the home directory, which was
 * its name until 2014. Neither DOCKER_AUTH_CONFIG nor a credential store is asked: see `defaultCredentials`.
 *
 * @returns `undefined` when there is neither. Printed with its secrets masked.
 * @throws {PullpassError} `ERR_CREDENTIALS` with the file's path, and with line and column where it is not JSON, when it
 * cannot be read or understood. A wrong entry in `auths` is reported when it is looked up.
 * @throws The reason of `signal`, when it is aborted.
 */
export async function loadDockerConfig(options: LoadDockerConfigOptions = {}): Promise<DockerConfig | undefined> {
  const { env = process.env, signal, logger } = options
  const { docker, dockercfg } = configPaths(env)
  for (const path of [docker, dockercfg]) {
    signal?.throwIfAborted()
    const file = path === undefined ? undefined : await readConfigFile(path, signal)
    if (file === undefined) continue
    warnIfOpen(file, logger)
    return file.config
  }
  return undefined
}
