import { readdirSync, readFileSync } from 'node:fs'
import Ajv from 'ajv'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type ConfigurationKey, configurationKeys } from '../../src/settings/configuration-keys.js'
import { propertyOf } from '../../src/settings/json-schema.js'
import { beside, configurationOf, isAccepted, schemaProblems, shippedSchema } from './configurations.js'

const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'
const pemWithKey = `${pem}\n-----BEGIN PRIVATE KEY-----\n`

const values: readonly unknown[] = [
  ...[null, true, false, 0, 1, -1, 1.5, 1e15, 1e300],
  ...['', ' ', 'text', ' true', 'FALSE\n', 'yes', '1', '1.5', '.5', '5.', ' 60 ', '-1', '1e3', '30m', '0x10', '.'],
  ...['docker', 'Docker', 'kubernetes', 'nomad'],
  ...[
    'localhost',
    'localhost/team',
    'myregistry',
    'Registry',
    'registry.example.com',
    'https://registry.example.com/v2/',
  ],
  ...[
    'http://myregistry',
    'registry.example.com:5000/team',
    '[::1]:5000',
    'registry.example.com?a=b',
    'a.b/#c',
    'a b.c',
  ],
  ...['proxy:3128', 'http://user:p%40ss@proxy:3128', 'ftp://proxy', 'SOCKS5H://proxy', 'socks4://proxy', '//proxy'],
  ...['/etc/ssl/ca.pem', pem, '["/a.pem"]', pemWithKey],
  ...[[], ['/a.pem', pem], ['a', ''], [null], [1], [[]], [['a']], ['-----BEGIN RSA PRIVATE KEY-----']],
  ...[{}, { 0: '/a.pem', 12: pem }, { 0: null }, { 0: 1 }, { path: '/a.pem' }, { 12345: '/a.pem' }],
]

/** What the schema takes and pullpass does not, by the last name of the key. */
const beyondPatterns: Readonly<Record<string, readonly unknown[]>> = {
  // A host's grammar.
  server: ['.5', '5.', '.'],
  url: ['.5', '5.', '.'],
  http_proxy: ['.5', 'a b.c', pem, '["/a.pem"]', pemWithKey],
  https_proxy: ['.5', 'a b.c', pem, '["/a.pem"]', pemWithKey],
  // One without the other: it may be in an environment variable.
  username: [null],
  password: [null],
  // It begins like JSON.
  https_proxy_ca: ['[::1]:5000'],
  ca: ['[::1]:5000'],
}

const lastName = ({ path }: ConfigurationKey): string => path.split('.').at(-1)!

describe('the JSON Schema', () => {
  it('is one', () => {
    const ajv = new Ajv()
    expect(ajv.validateSchema(shippedSchema), ajv.errorsText()).toBe(true)
  })

  it('has no pattern that looks ahead or behind, which the validators of some languages do not know', () => {
    expect(JSON.stringify(shippedSchema)).not.toMatch(/\(\?[=!<]/)
  })

  it.each(configurationKeys())('agrees with the parser on $path', (key) => {
    const disagreed = values.filter((value) => {
      const config = configurationOf({ ...beside(key), [key.path]: value })
      return isAccepted(config) !== (schemaProblems(config).length === 0)
    })
    expect(disagreed).toEqual(beyondPatterns[lastName(key)] ?? [])
  })

  it.each(configurationKeys())('takes whatever the parser takes: $path', (key) => {
    const part = fc.oneof(fc.constantFrom(...values.map(String), '://', '/', '.', ':', '[', ' ', '@'), fc.string())
    const value = fc.oneof(
      fc.array(part, { maxLength: 4 }).map((parts) => parts.join('')),
      fc.jsonValue({ maxDepth: 2 }),
      fc.array(fc.oneof(part, fc.jsonValue({ maxDepth: 1 }))),
      fc.dictionary(fc.nat(20_000).map(String), fc.oneof(part, fc.jsonValue({ maxDepth: 1 }))),
    )
    fc.assert(
      fc.property(value, (written) => {
        const config = configurationOf({ ...beside(key), [key.path]: written })
        return !isAccepted(config) || schemaProblems(config).length === 0
      }),
      { numRuns: 500 },
    )
  })

  const examples = new URL('../../examples/', import.meta.url)
  const files = readdirSync(examples, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'))

  it.each(files)('takes examples/%s', (file) => {
    expect(schemaProblems(parse(readFileSync(new URL(file, examples), 'utf8')))).toEqual([])
  })

  it.each([
    ['an empty file', null],
    ['sections with nothing behind them', { opencti: { daemon: { registry: null, docker: null } }, app: null }],
    ['other keys', { opencti: { url: 3, daemon: { kubernetes: [], portainer: 'x' } }, app: 'x', redis: [1] }],
    ["the platform's other keys", { app: { https_cert: { key: '/k.pem', crt: '/c.pem', passphrase: 1 } } }],
    [
      "the proxy's keys in capitals",
      { opencti: { daemon: { with_proxy: true } }, HTTPS_PROXY: 'p:1', NO_PROXY: ['a'] },
    ],
    ["OpenCTI's own defaults", { http_proxy: '', https_proxy: '', no_proxy: '', https_proxy_ca: [] }],
  ])('takes %s, as the parser does', (_, config) => {
    expect(schemaProblems(config)).toEqual([])
    expect(isAccepted(config)).toBe(true)
  })

  it.each([
    ['a text', 'opencti'],
    ['a list', []],
    ['a section that is a text', { opencti: { daemon: { registry: 'registry.example.com' } } }],
    ['a section that is a list', { opencti: { daemon: { docker: [] } } }],
    ['a key misspelt', { opencti: { daemon: { registry: { pasword: 'x' } } } }],
    ["a key of the other registry's", { opencti: { daemon: { docker: { registry: { server: 'a.example.com' } } } } }],
    ['a key in capitals, wrong', { opencti: { daemon: { with_proxy: true } }, HTTPS_PROXY: 'ftp://proxy' }],
  ])('does not take %s, as the parser does not', (_, config) => {
    expect(schemaProblems(config)).not.toEqual([])
    expect(isAccepted(config)).toBe(false)
  })

  it('says of every key what it is, and of passwords that they are secret', () => {
    for (const key of configurationKeys()) {
      const { description, writeOnly } = propertyOf(key.section, lastName(key))
      expect(description, key.path).toMatch(/^[A-Z].*\.$/)
      expect(writeOnly ?? false, key.path).toBe(lastName(key) === 'password')
    }
  })

  it('gives examples and defaults that pullpass takes', () => {
    for (const key of configurationKeys()) {
      const { examples = [], default: byDefault } = propertyOf(key.section, lastName(key))
      for (const value of byDefault === undefined ? examples : [...examples, byDefault]) {
        const config = configurationOf({ ...beside(key), [key.path]: value })
        expect(isAccepted(config), `${key.path}: ${String(value)}`).toBe(true)
        expect(schemaProblems(config)).toEqual([])
      }
    }
  })
})
