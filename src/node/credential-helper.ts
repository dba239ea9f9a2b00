import { type Clock, clockOf } from '../clock.js'
import { AnswerCache } from '../credentials/cache.js'
import { checkCacheTtl, DEFAULT_CACHE_TTL } from '../credentials/cached-provider.js'
import type { LookUp, ProviderObject } from '../credentials/chain.js'
import { isObject } from '../credentials/docker-config.js'
import { parseJson } from '../credentials/json-text.js'
import { maskedCredentials } from '../credentials/masked.js'
import type { Credentials } from '../credentials/types.js'
import { PullpassError } from '../errors.js'
import { isRegistryHost } from '../host.js'
import type { Logger } from '../logger.js'
import { MASK } from '../masking.js'
import { DOCKER_HUB, DOCKER_HUB_AUTH_KEY, DOCKER_HUB_INDEX } from '../reference/docker-hub.js'
import type { ImageReference } from '../reference/types.js'
import type { Env } from '../settings/types.js'
import { helperFailure, missingHelper } from './helper-failure.js'
import { findProgram, type ProgramResult, runProgram } from './run-program.js'

/** Options of {@link credentialHelper}. */
export interface CredentialHelperOptions {
  /** The helper's environment, whose `PATH` finds it. Default: `process.env`. */
  readonly env?: Env | undefined
  /** Seconds after which it is ended. Default: 30. */
  readonly timeout?: number | undefined
  /**
   * Seconds for which an answer is kept; 0 for not at all. Default: 60, so that one round of deployments asks once, and
   * a new `docker login` or a renewed token is there within a minute. `refresh` forgets it at once.
   */
  readonly cacheTtl?: number | undefined
  /** By which answers grow old; `timeout` does not go by it. Default: the machine's. For tests. */
  readonly clock?: Clock | undefined
  /** Told, at warn level, what a helper that answered wrote to its standard error. */
  readonly logger?: Logger | undefined
}

/** Seconds. */
const DEFAULT_TIMEOUT = 30
const MAX_ANSWER = 1024 * 1024
const MAX_ERROR_OUTPUT = 4096

/** What every helper says on its standard output, failing, when it has no credentials for a server. */
const NOT_FOUND = 'credentials not found in native keychain'
/** The user name that marks a secret as an identity token. */
const TOKEN_USER = '<token>'

/**
 * Credentials from a credential helper, as `credsStore` and `credHelpers` of Docker's config.json name one. It is run
 * without a shell, as `docker-credential-NAME get`, with the registry on its standard input
 * (`https://index.docker.io/v1/` for Docker Hub). One process at a time asks for a registry, whoever wants to know, and
 * the answer is kept for `cacheTtl`.
 *
 * @param name `NAME` in `docker-credential-NAME`: letters, digits, `.`, `_` and `-`.
 * @returns A source named `docker-credential-NAME`, for `credentialChain`. It knows nothing when the helper says that it
 * has no credentials for the registry, or answers with an empty user and secret. Otherwise it throws a `PullpassError`
 * `ERR_CREDENTIALS`, which names the program, when the helper is not installed, fails, is ended by a signal or by
 * `timeout`, answers with more than 1 MiB, or with something else than the protocol has. What it wrote to its standard
 * error is in the message, its standard output never: that is where secrets are.
 * @throws {PullpassError} `ERR_CREDENTIALS` for a name with other characters, such as a path separator.
 * @throws {TypeError} When `timeout` or `cacheTtl` is no number of seconds, or `clock` none.
 * @see https://github.com/docker/docker-credential-helpers `client.Get`
 */
export function credentialHelper(name: string, options: CredentialHelperOptions = {}): ProviderObject {
  const helper = new Helper(name, options)
  return {
    name: helper.program,
    provide: (reference, lookUp) => helper.get(dockerServer(reference), lookUp),
    refresh: () => helper.refresh(),
  }
}

/** What Docker calls a registry when it asks a helper. */
export function dockerServer({ registry }: Pick<ImageReference, 'registry'>): string {
  return registry === DOCKER_HUB || registry === DOCKER_HUB_INDEX ? DOCKER_HUB_AUTH_KEY : registry
}

/** A credential helper and the answers that are kept of it. */
export class Helper {
  readonly program: string
  readonly #name: string
  readonly #env: Env
  readonly #timeout: number
  readonly #logger: Logger | undefined
  readonly #answers: AnswerCache<Credentials | undefined>

  constructor(name: string, options: CredentialHelperOptions) {
    const { env = process.env, timeout = DEFAULT_TIMEOUT, cacheTtl = DEFAULT_CACHE_TTL } = options
    const { clock, logger } = options
    checkName(name)
    this.program = `docker-credential-${name}`
    this.#name = name
    this.#env = env
    this.#timeout = checkTimeout(timeout)
    this.#logger = logger
    this.#answers = new AnswerCache(checkCacheTtl(cacheTtl), clockOf(clock))
  }

  /** What it has for a server, written as the helper knows it. */
  async get(server: string, lookUp: LookUp | undefined): Promise<Credentials | undefined> {
    lookUp?.ask(server)
    // A reference that no image name makes. Helpers read lines, or URLs with user info: they would see another server.
    if (server !== DOCKER_HUB_AUTH_KEY && !isRegistryHost(server)) {
      lookUp?.note('that is not a registry')
      return undefined
    }
    const ask = async (signal: AbortSignal): Promise<{ value: Credentials | undefined }> => ({
      value: await this.#ask(server, signal),
    })
    const credentials = await this.#answers.get(server, ask, lookUp?.signal)
    if (credentials === undefined) lookUp?.note('it has none')
    return credentials
  }

  refresh(): void {
    this.#answers.clear()
  }

  async #ask(server: string, signal: AbortSignal): Promise<Credentials | undefined> {
    const file = await findProgram(this.program, this.#env)
    if (file === undefined) throw missingHelper(this.#name)
    const bounds = { timeout: this.#timeout, maxOutput: MAX_ANSWER, maxErrorOutput: MAX_ERROR_OUTPUT, signal }
    const result = await runProgram({ file, args: ['get'], env: this.#env, input: server, ...bounds })
    const credentials = this.#read(result, server)
    this.#tell(result.stderr, credentials, server)
    return credentials
  }

  #read({ end, stdout, stderr }: ProgramResult, server: string): Credentials | undefined {
    if (end.kind === 'exit' && end.status === 0)
      return readAnswer(stdout, `the answer of ${this.program} for ${server}`)
    if (end.kind === 'exit' && stdout.trim() === NOT_FOUND) return undefined
    throw helperFailure(this.program, server, end, printable(stderr))
  }

  #tell(stderr: string, credentials: Credentials | undefined, server: string): void {
    const masked = secretsOf(credentials).reduce((text, secret) => text.replaceAll(secret, MASK), stderr)
    const fields = { helper: this.program, registry: server, stderr: printable(masked) }
    if (fields.stderr !== '') this.#logger?.warn(fields, 'Credential helper wrote to standard error')
  }
}

function checkName(name: string): void {
  if (typeof name !== 'string') throw new TypeError(`credentialHelper: name must be a string, not ${typeof name}`)
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/.test(name) && !name.includes('..')) return
  const shown = JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name)
  throw new PullpassError('ERR_CREDENTIALS', `${shown} is not the name of a credential helper`, {
    hint: 'Expected is what stands behind docker-credential- in the name of the program: letters, digits, and . _ - inside.',
  })
}

/** @throws {TypeError} Unless it is a number of seconds. */
export function checkTimeout(timeout: number): number {
  if (typeof timeout === 'number' && timeout > 0) return timeout
  throw new TypeError(`timeout must be a number of seconds above 0, not ${String(timeout)}`)
}

/** The helper's JSON. Go, in which the protocol was made, does not care how its keys are capitalized. */
function readAnswer(stdout: string, what: string): Credentials | undefined {
  const answer = parseJson(stdout, `${what} is not JSON`)
  if (!isObject(answer)) throw unexpected(`${what} is not an object`)
  const fields = new Map(Object.entries(answer).map(([key, value]) => [key.toLowerCase(), value]))
  const username = fields.get('username') ?? ''
  const secret = fields.get('secret') ?? ''
  if (typeof username !== 'string') throw unexpected(`Username in ${what} is of type ${typeof username}`)
  if (typeof secret !== 'string') throw unexpected(`Secret in ${what} is of type ${typeof secret}`)
  // Debian's docker-credential-secretservice says "not found" this way.
  if (username === '' && secret === '') return undefined
  if (username === '') throw unexpected(`${what} has a Secret and no Username`)
  return maskedCredentials(username === TOKEN_USER ? { identityToken: secret } : { username, password: secret })
}

function unexpected(message: string): PullpassError {
  return new PullpassError('ERR_CREDENTIALS', message, {
    hint: 'Expected is {"ServerURL":"…","Username":"…","Secret":"…"}. Check which program this is, and its version.',
  })
}

/** One line of at most 500 characters, without anything that a terminal would act on. */
function printable(text: string): string {
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim()
  return line.length > 500 ? `${line.slice(0, 500)}…` : line
}

function secretsOf(credentials: Credentials | undefined): string[] {
  const { password, identityToken } = { ...credentials } as Readonly<Record<string, string | undefined>>
  return [password, identityToken].filter((secret) => secret !== undefined && secret !== '') as string[]
}
