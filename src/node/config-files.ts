import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { type DockerConfig, parseDockerConfig } from '../credentials/docker-config.js'
import { PullpassError } from '../errors.js'
import type { Logger } from '../logger.js'
import type { Env } from '../settings/types.js'

/** A file that says something about credentials. */
export interface ConfigFile {
  readonly path: string
  readonly config: DockerConfig
  /** `0644`: set when others than the file's owner may read or change it. */
  readonly openMode?: string
}

/** Where files of credentials are, as far as the environment tells. */
export interface ConfigPaths {
  /** Docker's config.json. */
  readonly docker?: string
  /** What Docker read before there was a config.json. */
  readonly dockercfg?: string
  /** Podman's, in the order in which they are read. Each with what it is called when its variable is not set. */
  readonly containers: readonly { readonly name: string; readonly path?: string }[]
}

/** One more than what `parseDockerConfig` takes, so that it sees that there is more. */
const MAX_BYTES = 10 * 1024 * 1024 + 1

/**
 * Where to look for files of credentials. An empty variable counts as one that is not set; a relative path is one from
 * the working directory.
 */
export function configPaths(env: Env): ConfigPaths {
  const home = homeFolder(env)
  const dockerFolder = env['DOCKER_CONFIG'] || (home && join(home, '.docker'))
  const runtime = env['XDG_RUNTIME_DIR']
  const configHome = env['XDG_CONFIG_HOME'] || (home && join(home, '.config'))
  const containers = [
    named('REGISTRY_AUTH_FILE', env['REGISTRY_AUTH_FILE']),
    named('$XDG_RUNTIME_DIR/containers/auth.json', runtime && join(runtime, 'containers/auth.json')),
    named('$XDG_CONFIG_HOME/containers/auth.json', configHome && join(configHome, 'containers/auth.json')),
  ]
  return {
    ...(dockerFolder && { docker: resolve(dockerFolder, 'config.json') }),
    ...(home && { dockercfg: resolve(home, '.dockercfg') }),
    containers,
  }
}

function named(name: string, path: string | undefined): { name: string; path?: string } {
  return path ? { name: resolve(path), path: resolve(path) } : { name }
}

/** As Go and Docker find it. The account's own folder counts only where the environment is the real one. */
function homeFolder(env: Env): string | undefined {
  const home = env[process.platform === 'win32' ? 'USERPROFILE' : 'HOME']
  return home || (env === process.env ? homedir() : undefined)
}

/**
 * Reads a file of credentials.
 *
 * @returns `undefined` when there is no such file.
 * @throws {PullpassError} `ERR_CREDENTIALS` with the path, and with line and column where it is not JSON, when it cannot
 * be read or understood. Never with anything of what it holds.
 */
export async function readConfigFile(path: string, signal: AbortSignal | undefined): Promise<ConfigFile | undefined> {
  let bytes: Uint8Array
  let mode: number
  try {
    ;({ mode } = await stat(path))
    bytes = await readAtMost(path, MAX_BYTES, signal)
  } catch (error) {
    signal?.throwIfAborted()
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw unreadable(path, code ?? (error as Error).name)
  }
  const config = inFile(
    path,
    () => parseDockerConfig(bytes),
    'Correct the file. Or move it away, and run docker login again: that writes a new one.',
  )
  const isOpen = process.platform !== 'win32' && (mode & 0o077) !== 0
  return { path, config, ...(isOpen && { openMode: (mode & 0o777).toString(8).padStart(4, '0') }) }
}

/** Warns about a file that others may read. */
export function warnIfOpen({ path, openMode }: ConfigFile, logger: Logger | undefined): void {
  if (openMode === undefined) return
  logger?.warn({ file: path, mode: openMode }, 'Others can read the credentials in this file: chmod 600 it')
}

/** Runs what reads from a file, and puts the file's path in front of its errors. `hint` is for those without one. */
export function inFile<T>(path: string, read: () => T, hint?: string): T {
  try {
    return read()
  } catch (error) {
    throw withPlace(path, error, hint)
  }
}

/** The same error with a place in front of its message. */
export function withPlace(place: string, error: unknown, hint?: string): unknown {
  if (!(error instanceof PullpassError)) return error
  return new PullpassError(error.code, `${place}: ${error.message}`, { hint: error.hint ?? hint })
}

/** Not `readFile`: what a variable names may be a pipe, or a device that never ends. */
async function readAtMost(path: string, limit: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  // With a signal that is aborted by now, Node opens the file and never closes it.
  signal?.throwIfAborted()
  const stream = createReadStream(path, { end: limit - 1, ...(signal && { signal }) })
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function unreadable(path: string, code: string): PullpassError {
  return new PullpassError('ERR_CREDENTIALS', `${path} cannot be read (${code})`, { hint: hints[code] ?? HINT })
}

const HINT = 'Check the path, and that this user may read the file.'

const hints: Readonly<Record<string, string>> = {
  EISDIR: 'It is a directory, where a file is expected.',
  ENOTDIR: 'A part of the path is a file. DOCKER_CONFIG and the XDG variables name directories, not the file in them.',
}
