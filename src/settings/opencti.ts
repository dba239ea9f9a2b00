import { PullpassError } from '../errors.js'
import { checkObject } from '../kind-of.js'
import type { Logger } from '../logger.js'
import { maskWhenPrinted } from '../masking.js'
import { environmentReader } from './environment.js'
import { misspeltKeys, misspeltVariables } from './misspelt.js'
import { resolveProxy, unusedProxy } from './proxy.js'
import {
  daemonSection,
  type DockerRegistrySection,
  dockerRegistrySection,
  orchestrators,
  type RegistrySection,
  registrySection,
} from './schema.js'
import { type Section, readSection } from './section.js'
import { parseRegistryServer } from './server.js'
import type { Env, Orchestrator, RegistrySettings, Settings } from './types.js'

const DAEMON = 'opencti.daemon'
const REGISTRY = `${DAEMON}.registry`
const DOCKER_REGISTRY = `${DAEMON}.docker.registry`

/** Options of {@link parseOpenCtiSettings}. */
export interface OpenCtiSettingsOptions {
  /** Environment variables to lay over the configuration. None by default: pass `process.env`. */
  readonly env?: Env | undefined
  /** Where containers are launched. Default: what `opencti.daemon.selector` says. */
  readonly orchestrator?: Orchestrator | undefined
  /** Verify certificates through the proxy unless the configuration says not to. Default `false`, as OpenCTI has it. */
  readonly strictTls?: boolean | undefined
  /** Gets every warning, at level warn; at level debug, that a proxy is written and `with_proxy` is not true. */
  readonly logger?: Logger | undefined
}

type Registry = Omit<RegistrySettings, 'insecure'> & { insecure?: boolean }

/**
 * Reads what an operator wrote for OpenCTI's connector manager: `opencti.daemon.registry`,
 * `opencti.daemon.docker.registry` and the proxy, with environment variables laid over them
 * (`OPENCTI__DAEMON__REGISTRY__SERVER`, in any case; `__` is a level).
 *
 * `opencti.daemon.docker.registry` wins over `opencti.daemon.registry` for the Docker orchestrator; where the
 * orchestrator is not known, it counts only when the latter is absent. Keys of other sections are not looked at; one
 * that looks like a misspelt one of these is a warning.
 *
 * @param config The parsed configuration file; `undefined` where there is none.
 * @throws {PullpassError} `ERR_SETTINGS`: a value has the wrong type or cannot be meant. The message names each key in
 * full, what was found (never a secret) and what is expected.
 * @throws {TypeError} An option has the wrong type.
 */
export function parseOpenCtiSettings(config: unknown, options: OpenCtiSettingsOptions = {}): Settings {
  checkOptions(options)
  const { env = {} } = options
  const variable = environmentReader(env)
  const daemon = readSection(daemonSection, config, DAEMON, variable).value
  const general = readSection(registrySection, config, REGISTRY, variable)
  const docker = readSection(dockerRegistrySection, config, DOCKER_REGISTRY, variable)
  const { proxy, warnings } = resolveProxy(config, env, {
    withProxy: daemon.with_proxy,
    strictTls: options.strictTls ?? false,
  })
  const orchestrator = options.orchestrator ?? daemon.selector
  const registry = chooseRegistry(orchestrator, generalRegistry(general), docker)
  const aboutRegistry = [...insecureWarning(registry), ...unusedWarning(orchestrator, registry, docker)]
  const ignored = [...general.warnings, ...docker.warnings, ...misspeltKeys(config), ...misspeltVariables(env)]
  const allWarnings = [...ignored, ...aboutRegistry, ...warnings]
  for (const warning of allWarnings) options.logger?.warn({}, warning)
  const remark = daemon.with_proxy ? undefined : unusedProxy(config, env)
  if (remark !== undefined) options.logger?.debug({}, remark)
  return {
    ...(orchestrator && { orchestrator }),
    ...(registry && { registry: maskWhenPrinted(registry, ['password']) }),
    ...(proxy && { proxy }),
    retry: { attempts: general.value.retry_attempts, delay: general.value.retry_delay },
    tokenTtl: general.value.token_ttl,
    warnings: allWarnings,
  }
}

/** `strictTls: 'false'` would switch it on, and `orchestrator: 'Docker'` would be none. */
function checkOptions(options: OpenCtiSettingsOptions): void {
  checkObject(options, 'options')
  const { orchestrator, strictTls } = options
  if (orchestrator !== undefined && !orchestrators.includes(orchestrator)) {
    throw new TypeError(`orchestrator must be one of ${orchestrators.join(', ')}`)
  }
  if (strictTls !== undefined && typeof strictTls !== 'boolean') throw new TypeError('strictTls must be true or false')
}

function generalRegistry({ value, warnings }: Section<RegistrySection>): Registry | undefined {
  const { server, username, password, email } = value
  const written = withoutUndefined({ server, username, password, email })
  if (Object.keys(written).length === 0) return undefined
  return complete(written, REGISTRY, warnings)
}

function chooseRegistry(
  orchestrator: Orchestrator | undefined,
  general: Registry | undefined,
  docker: Section<DockerRegistrySection>,
): RegistrySettings | undefined {
  const dockerApplies = orchestrator === 'docker' || (orchestrator === undefined && general === undefined)
  const chosen = docker.present && dockerApplies ? overlay(general, docker) : general
  return chosen && { ...chosen, insecure: chosen.insecure ?? false }
}

/** Credentials belong to the place they were written for: another `url` starts from nothing. */
function overlay(general: Registry | undefined, docker: Section<DockerRegistrySection>): Registry {
  const { url, username, password, insecure } = docker.value
  const base = url === undefined || samePlace(url, general?.server) ? general : undefined
  const own = withoutUndefined({ server: url, username, password, insecure })
  const inherited =
    username === undefined && password === undefined ? base : { ...base, username: undefined, password: undefined }
  return complete(withoutUndefined({ ...inherited, ...own }), DOCKER_REGISTRY, docker.warnings)
}

function samePlace(url: string, server: string | undefined): boolean {
  if (server === undefined) return false
  const [one, other] = [parseRegistryServer(url), parseRegistryServer(server)]
  return one.host === other.host && one.namespace === other.namespace
}

/** `ignored`: sentences for the section's unknown keys, of which one may be what is missing. */
function complete(written: Partial<Registry>, path: string, ignored: readonly string[]): Registry {
  if (written.password !== undefined && written.username === undefined) {
    throw incomplete(
      `${path}.username: found nothing beside ${path}.password, expected the user whose password it is`,
      ignored,
    )
  }
  if (written.username !== undefined && written.password === undefined) {
    throw incomplete(
      `${path}.password: found nothing beside ${path}.username, expected that user's password or token`,
      ignored,
    )
  }
  return { server: 'docker.io', ...written }
}

function incomplete(message: string, ignored: readonly string[]): PullpassError {
  const rule = 'Set both username and password, or neither for a registry that asks for none.'
  return new PullpassError('ERR_SETTINGS', message, { hint: [rule, ...ignored].join(' ') })
}

function insecureWarning(registry: RegistrySettings | undefined): string[] {
  if (registry?.insecure !== true) return []
  return [
    `${DOCKER_REGISTRY}.insecure is true: ${registry.server} is spoken to over plain HTTP or with any certificate. ` +
      'Not for production; give it a certificate and add its CA instead',
  ]
}

/** Without a registry in front, every image would silently come from Docker Hub. */
function unusedWarning(
  orchestrator: Orchestrator | undefined,
  registry: RegistrySettings | undefined,
  docker: Section<DockerRegistrySection>,
): string[] {
  if (orchestrator === undefined || registry || !docker.present) return []
  return [
    `${DOCKER_REGISTRY} is for the Docker orchestrator alone, and was not used for ${orchestrator}: ` +
      `no registry is configured. Set ${REGISTRY}`,
  ]
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

function withoutUndefined<T extends object>(object: T): Defined<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>
}
