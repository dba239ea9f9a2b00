import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type ConfigurationKey, configurationKeys } from '../../src/settings/configuration-keys.js'
import { parsePlatformHttpsCert } from '../../src/settings/index.js'
import { orchestrators } from '../../src/settings/schema.js'
import type { Orchestrator } from '../../src/settings/types.js'
import { beside, configurationOf, settingsOf } from './configurations.js'

/** A value of each key that is not its default, as an environment variable has it, by the full path. */
const values: Readonly<Record<string, string>> = {
  'opencti.daemon.with_proxy': 'true',
  'opencti.daemon.registry.server': 'registry.example.com',
  'opencti.daemon.registry.username': 'other',
  'opencti.daemon.registry.password': 'other',
  'opencti.daemon.registry.email': 'ci@example.com',
  'opencti.daemon.registry.token_ttl': '900',
  'opencti.daemon.registry.retry_attempts': '1',
  'opencti.daemon.registry.retry_delay': '0.5',
  'opencti.daemon.docker.registry.url': 'docker.example.com',
  'opencti.daemon.docker.registry.username': 'other',
  'opencti.daemon.docker.registry.password': 'other',
  'opencti.daemon.docker.registry.insecure': 'true',
  http_proxy: 'http://other.example.com:3128',
  https_proxy: 'http://other.example.com:3128',
  no_proxy: '.svc',
  https_proxy_ca: '/etc/ssl/proxy-ca.pem',
  https_proxy_reject_unauthorized: 'true',
  'app.https_cert.ca': '/etc/ssl/platform-ca.pem',
  'app.https_cert.reject_unauthorized': 'false',
}

/** The configuration without the key, but complete. */
function without(key: ConfigurationKey): object {
  const { [key.path]: _, ...rest } = beside(key)
  const needed = /\.(username|password)$/.test(key.path) ? { [key.path]: 'robot' } : {}
  return configurationOf({ ...rest, ...needed })
}

const withKey = (key: ConfigurationKey, value: unknown): object =>
  configurationOf({ ...beside(key), [key.path]: value })

const SELECTOR = 'opencti.daemon.selector'
const keys = configurationKeys().filter(({ path }) => path !== SELECTOR)

describe('the configuration reference', () => {
  it('is what docs/configuration.ts writes, and so is the JSON Schema', () => {
    const script = fileURLToPath(new URL('../../docs/configuration.ts', import.meta.url))
    const { status, stderr } = spawnSync('node', [script, '--check'], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  it('is held against the parser, every key of it', () => {
    expect(Object.keys(values).sort()).toEqual(keys.map(({ path }) => path).sort())
  })

  it.each(keys)('says for whom $path changes the settings', (key) => {
    const heeding = orchestrators.filter((orchestrator) => {
      const [before, after] = [without(key), withKey(key, values[key.path])].map((config) =>
        settingsOf(config, orchestrator),
      )
      return JSON.stringify(after) !== JSON.stringify(before)
    })
    expect(heeding).toEqual(key.section.orchestrators)
  })

  it('says for whom opencti.daemon.selector changes the settings: for all, unless the program names one', () => {
    const registries = {
      'opencti.daemon.registry.server': 'registry.example.com',
      'opencti.daemon.docker.registry.url': 'docker.example.com',
    }
    const select = (name: string, orchestrator?: Orchestrator): unknown =>
      settingsOf(configurationOf({ ...registries, 'opencti.daemon.selector': name }), orchestrator)
    const other = (orchestrator: Orchestrator): string => (orchestrator === 'docker' ? 'swarm' : 'docker')
    for (const orchestrator of orchestrators) {
      expect(select(orchestrator)).not.toEqual(select(other(orchestrator)))
      expect(select(orchestrator)).toEqual(select(other(orchestrator), orchestrator))
    }
    const key = configurationKeys().find(({ path }) => path === SELECTOR)
    expect(key?.section.orchestrators).toEqual(orchestrators)
  })

  it.each(keys)('names the variable that says what $path says', (key) => {
    const env = { [key.variable]: values[key.path]! }
    const { [key.path]: _, ...rest } = beside(key)
    const config = configurationOf(rest)
    if (key.section.orchestrators.length === 0) {
      expect(parsePlatformHttpsCert(config, { env })).toEqual(parsePlatformHttpsCert(withKey(key, values[key.path])))
    } else {
      expect(settingsOf(config, 'docker', env)).toEqual(settingsOf(withKey(key, values[key.path]), 'docker'))
    }
  })

  it.each(keys.filter(({ byDefault }) => byDefault !== undefined))('says what holds without $path', (key) => {
    // A registry without credentials, so that there is one whose server can be left out.
    const config = {
      'opencti.daemon.registry.email': 'ci@example.com',
      'opencti.daemon.docker.registry.url': 'a.example.com',
    }
    const { [key.path]: _, ...rest }: Record<string, unknown> = { ...config, ...beside(key) }
    const written = configurationOf({ ...rest, [key.path]: key.byDefault })
    for (const orchestrator of orchestrators) {
      expect(settingsOf(configurationOf(rest), orchestrator)).toEqual(settingsOf(written, orchestrator))
    }
    if (key.section.orchestrators.length > 0) return
    const ca = { 'app.https_cert.ca': '/ca.pem' }
    expect(parsePlatformHttpsCert(configurationOf(ca))).toEqual(
      parsePlatformHttpsCert(configurationOf({ ...ca, [key.path]: key.byDefault })),
    )
  })
})
