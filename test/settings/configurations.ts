import { readFileSync } from 'node:fs'
import Ajv from 'ajv'
import type { ConfigurationKey } from '../../src/settings/configuration-keys.js'
import { parseOpenCtiSettings, parsePlatformHttpsCert } from '../../src/settings/index.js'
import type { Orchestrator, Settings } from '../../src/settings/types.js'

type Values = Readonly<Record<string, unknown>>

/** The JSON Schema as it is shipped. */
export const shippedSchema: object = JSON.parse(
  readFileSync(new URL('../../docs/opencti.schema.json', import.meta.url), 'utf8'),
) as object

const validate = new Ajv({ allErrors: true }).compile(shippedSchema)

/** What the shipped JSON Schema has against a configuration, such as `.opencti.daemon.registry.server should be …`. */
export function schemaProblems(config: unknown): string[] {
  // A configuration comes from YAML: only what JSON has.
  validate(JSON.parse(JSON.stringify(config ?? null)))
  return (validate.errors ?? []).map(({ dataPath, message }) => `${dataPath} ${message ?? ''}`)
}

/** A configuration that holds values by their full paths. */
export function configurationOf(values: Values): object {
  const config: Record<string, unknown> = {}
  for (const [path, value] of Object.entries(values)) {
    const names = path.split('.')
    let place = config
    for (const name of names.slice(0, -1)) place = (place[name] ??= {}) as Record<string, unknown>
    place[names.at(-1)!] = value
  }
  return config
}

/** What has to stand beside a key so that it says anything. */
export function beside({ path, section }: ConfigurationKey): Values {
  const proxy = { 'opencti.daemon.with_proxy': true, https_proxy: 'http://proxy.example.com:3128' }
  if (section.path === '' || section.path === 'opencti.daemon') return proxy
  if (path.endsWith('.username')) return { [path.replace(/username$/, 'password')]: 'secret' }
  if (path.endsWith('.password')) return { [path.replace(/password$/, 'username')]: 'robot' }
  return {}
}

/** What pullpass makes of a configuration, its warnings aside. */
export function settingsOf(
  config: unknown,
  orchestrator?: Orchestrator,
  env: Record<string, string> = {},
): Omit<Settings, 'warnings'> {
  const { warnings: _, ...settings } = parseOpenCtiSettings(config, { env, ...(orchestrator && { orchestrator }) })
  return settings
}

/** Whether pullpass reads a configuration, and ignores none of it as an unknown key. */
export function isAccepted(config: unknown): boolean {
  try {
    parsePlatformHttpsCert(config)
    const { warnings } = parseOpenCtiSettings(config, { orchestrator: 'docker' })
    return !warnings.some((warning) => warning.includes('is not a known key'))
  } catch {
    return false
  }
}
