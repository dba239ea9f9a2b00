import { clockOf } from '../clock.js'
import { AnswerCache } from '../credentials/cache.js'
import { checkCacheTtl, DEFAULT_CACHE_TTL } from '../credentials/cached-provider.js'
import type { Env } from '../settings/types.js'
import { type ConfigFile, type ConfigPaths, configPaths, readConfigFile, warnIfOpen } from './config-files.js'
import { checkTimeout, type CredentialHelperOptions, Helper } from './credential-helper.js'

/** What one user on one machine has: files of credentials and helpers, each read and asked once for a time. */
export class Machine {
  readonly env: Env
  readonly paths: ConfigPaths
  readonly #options: CredentialHelperOptions
  readonly #files: AnswerCache<ConfigFile | undefined>
  readonly #helpers = new Map<string, Helper>()
  readonly #warned = new Set<string>()

  constructor(options: CredentialHelperOptions) {
    const { env = process.env, cacheTtl = DEFAULT_CACHE_TTL, clock } = options
    if (options.timeout !== undefined) checkTimeout(options.timeout)
    this.env = env
    this.paths = configPaths(env)
    this.#options = { ...options, env }
    this.#files = new AnswerCache(checkCacheTtl(cacheTtl), clockOf(clock))
  }

  /** A file of credentials; `undefined` when there is none. */
  read(path: string, signal: AbortSignal | undefined): Promise<ConfigFile | undefined> {
    const load = async (end: AbortSignal): Promise<{ value: ConfigFile | undefined }> => {
      const value = await readConfigFile(path, end)
      if (value && !this.#warned.has(path)) {
        warnIfOpen(value, this.#options.logger)
        this.#warned.add(path)
      }
      return { value }
    }
    return this.#files.get(path, load, signal)
  }

  /** A helper, the same for whichever file names it. */
  helper(name: string): Helper {
    const helper = this.#helpers.get(name) ?? new Helper(name, this.#options)
    this.#helpers.set(name, helper)
    return helper
  }

  /** Forgets what files and helpers have said. */
  refresh(): void {
    this.#files.clear()
    for (const helper of this.#helpers.values()) helper.refresh()
  }
}
