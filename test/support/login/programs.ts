import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Env } from '../../../src/settings/index.js'
import { run } from '../processes.js'
import { findProgram, type Program } from '../real.js'

/** Who logs in where. */
export interface Login {
  /** `127.0.0.1:PORT`, or with a path. */
  readonly server: string
  readonly username: string
  readonly password: string
}

/** `docker login`, with what `env` says of HOME, DOCKER_CONFIG and DOCKER_HOST. */
export function dockerLogin({ server, username, password }: Login, env: Env): Promise<void> {
  return runWithInput('docker', ['login', '--username', username, '--password-stdin', server], password, env)
}

/** `podman login` to a registry over plain HTTP, with what `env` says of HOME and XDG_RUNTIME_DIR. */
export function podmanLogin({ server, username, password }: Login, env: Env): Promise<void> {
  const options = ['--tls-verify=false', '--username', username, '--password-stdin']
  return runWithInput('podman', ['login', ...options, server], password, env)
}

async function runWithInput(program: Program, args: readonly string[], input: string, env: Env): Promise<void> {
  const running = promisify(execFile)(findProgram(program) ?? program, args, { env: { ...env } })
  running.child.stdin?.end(input)
  await running
}

/** A password store (`pass`) with a key of its own. */
export interface PasswordStore {
  /** What `pass` and gpg need to find it. */
  readonly env: Env
  remove(): Promise<void>
}

/** Makes one. Its folder's path is short: that of an agent's socket has to fit into 108 bytes. */
export async function makePasswordStore(): Promise<PasswordStore> {
  const folder = await mkdtemp(join(tmpdir(), 'pp-'))
  const env = { GNUPGHOME: join(folder, 'gpg'), PASSWORD_STORE_DIR: join(folder, 'store') }
  const user = 'pullpass-test@example.invalid'
  await mkdir(env.GNUPGHOME, { mode: 0o700 })
  const key = ['--quick-generate-key', user, 'future-default', 'default', 'never']
  await run('gpg', ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...key], env)
  await run('pass', ['init', user], env)
  const remove = async (): Promise<void> => {
    await promisify(execFile)('gpgconf', ['--kill', 'all'], { env: { ...process.env, ...env } })
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  return { env, remove }
}
