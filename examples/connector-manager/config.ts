import { readFile } from 'node:fs/promises'
import { type Orchestrator as Selector, proxyEnvironment, PullpassError, type Settings } from 'pullpass'
import { loadSettings } from 'pullpass/node'
import { parse } from 'yaml'
import { logger } from './logger.ts'

export interface Connector {
  readonly name: string
  readonly image: string
  readonly environment: readonly [name: string, value: string][]
}

export interface Config {
  readonly settings: Settings
  readonly selector: Selector
  /** Value of the label `opencti-manager`, which everything has that this manager deploys. */
  readonly manager: string
  readonly connectors: readonly Connector[]
  /** A key of the orchestrator's own section. */
  option(key: string): string | undefined
}

/** Where connectors run. */
export interface Orchestrator {
  /** Names of the connectors that this manager has deployed. */
  list(): Promise<string[]>
  /** Makes one run as it is configured, and says what that took. `isOurs`: it is in the list. */
  deploy(connector: Connector, isOurs: boolean): Promise<string>
  remove(name: string): Promise<unknown>
}

export type Connect = (config: Config, signal: AbortSignal) => Orchestrator | Promise<Orchestrator>

interface Yaml {
  manager?: { id?: string }
  opencti?: { daemon?: Partial<Record<string, Record<string, string | number>>> }
  connectors?: { name?: unknown; image?: unknown; environment?: Record<string, string | number | boolean> }[]
}

export async function readConfig(file: string): Promise<Config> {
  // First: it says what is wrong with the file, and does not quote it.
  const settings = await loadSettings({ file, logger })
  const { manager, opencti, connectors = [] } = (parse(await readFile(file, 'utf8')) ?? {}) as Yaml
  const variable = (...path: string[]): string | undefined =>
    process.env[['opencti', 'daemon', ...path].join('__').toUpperCase()]
  const { orchestrator: selector = 'docker' } = settings
  return {
    ...{ settings, selector, manager: manager?.id ?? 'default' },
    option: (key) => variable(selector, key) ?? opencti?.daemon?.[selector]?.[key]?.toString(),
    connectors: connectors.map(({ name, image, environment }, index) => {
      if (typeof name !== 'string' || typeof image !== 'string') {
        throw new PullpassError('ERR_SETTINGS', `connectors[${index}]: name and image must be strings`)
      }
      const all = { ...(settings.proxy && proxyEnvironment(settings.proxy)), ...environment }
      return { name, image, environment: Object.entries(all).map(([key, value]) => [key, String(value)]) }
    }),
  }
}
