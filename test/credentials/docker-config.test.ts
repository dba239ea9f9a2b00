import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lookupDockerConfig, matchPullSecrets, parseDockerConfig } from '../../src/credentials/index.js'
import { errorOf } from './errors.js'

const auth = btoa('u:p')
const found = { username: 'u', password: 'p' }

describe('parseDockerConfig', () => {
  const file = {
    auths: { 'registry.example.com': { auth, email: 'a@b.c' } },
    credHelpers: { 'ecr.example.com': 'ecr-login' },
    credsStore: 'desktop',
    HttpHeaders: { Authorization: 'secret' },
    proxies: { default: { httpProxy: 'http://u:p@proxy' } },
    psFormat: 'table',
  }
  const { auths, credHelpers, credsStore } = file

  it.each([
    ['text', JSON.stringify(file, null, '\t')],
    ['bytes', new TextEncoder().encode(JSON.stringify(file))],
    ['a Buffer', Buffer.from(JSON.stringify(file))],
    ['an object', file],
  ])('reads a config.json from %s', (_what, json) => {
    expect(parseDockerConfig(json)).toEqual({ auths, credHelpers, credsStore })
  })

  it('can be written again', () => {
    expect(JSON.parse(JSON.stringify(parseDockerConfig(file)))).toEqual({ auths, credHelpers, credsStore })
  })

  it('is printed with what is public, and without user info in a key', () => {
    const config = parseDockerConfig({
      auths: {
        'https://user:hunter2@registry.example.com/': { username: 'ci', email: 'a@b.c', password: 'hunter2', auth },
        'other.example.com': { username: { token: 'hunter2' } },
        'broken.example.com': 'hunter2',
      },
    })
    expect(inspect(config, { breakLength: Infinity, depth: 9, compact: 9 })).toBe(
      "{ auths: { 'https://***@registry.example.com/': { username: 'ci', email: 'a@b.c', password: '***', auth: '***' }, " +
        "'other.example.com': { username: '***' }, 'broken.example.com': '***' } }",
    )
  })

  it('leaves the object it is given alone', () => {
    const given = structuredClone(file)
    Object.freeze(given.auths)
    Object.freeze(given.auths['registry.example.com'])
    parseDockerConfig(given)
    expect(given).toEqual(file)
  })

  it.each([
    '',
    ' \r\n\t',
    '\ufeff',
    '{}',
    '{"auths":{}}',
    '{"auths":null,"credHelpers":null,"credsStore":""}',
    '{"auths":{},"credsStore":null}',
    '{"auths":\r\n{}}',
    '{"psFormat":1e5}',
  ])('takes %j for an empty configuration', (text) => {
    expect(parseDockerConfig(text)).toEqual({ auths: {} })
    expect(parseDockerConfig(new TextEncoder().encode(text))).toEqual({ auths: {} })
  })

  it('skips a BOM', () => {
    const text = `\ufeff${JSON.stringify(file)}`
    expect(parseDockerConfig(text)).toEqual({ auths, credHelpers, credsStore })
    expect(parseDockerConfig(Buffer.from(text))).toEqual({ auths, credHelpers, credsStore })
    expect(Object.keys(parseDockerConfig('{"auths":{"\ufeffr":{}}}').auths)).toEqual(['\ufeffr'])
  })

  it('reads a legacy .dockercfg, which has the entries at the top', () => {
    const config = parseDockerConfig({ 'https://index.docker.io/v1/': { auth, email: 'a@b.c' }, localhost: { auth } })
    expect(lookupDockerConfig(config, 'docker.io')).toEqual(found)
    expect(lookupDockerConfig(config, 'localhost')).toEqual(found)
  })

  it('takes no other part of a config.json for a legacy entry', () => {
    const config = {
      HttpHeaders: {},
      proxies: {},
      plugins: {},
      aliases: {},
      features: {},
      psFormat: 'x',
      pruneFilters: [],
    }
    expect(parseDockerConfig(config)).toEqual({ auths: {} })
    expect(parseDockerConfig({ credHelpers: {}, 'registry.example.com': { auth } })).toEqual({
      auths: {},
      credHelpers: {},
    })
    expect(parseDockerConfig({ credsStore: 'pass', 'registry.example.com': { auth } })).toEqual({
      auths: {},
      credsStore: 'pass',
    })
  })

  it('keeps a key that JavaScript has a meaning for', () => {
    const config = parseDockerConfig(`{"auths":{"__proto__":{"auth":"${auth}"}}}`)
    expect(lookupDockerConfig(config, '__proto__')).toEqual(found)
    expect(lookupDockerConfig(config, 'toString')).toBeUndefined()
    expect(lookupDockerConfig(parseDockerConfig('{"auths":{}}'), '__proto__')).toBeUndefined()
  })

  it('takes field names with any capitals, as Go does', () => {
    const config = parseDockerConfig({
      Auths: { 'r.example.com': { Username: 'u', PASSWORD: 'x', password: 'p' } },
      CredsStore: 'pass',
    })
    expect(config.credsStore).toBe('pass')
    expect(lookupDockerConfig(config, 'r.example.com')).toEqual(found)
    expect(matchPullSecrets([config], 'r.example.com/x')).toMatchObject([{ credentials: found }])
  })

  it('reports a broken entry when it is looked up, and not before', () => {
    const config = parseDockerConfig({
      auths: { 'bad.example.com': { auth: 'hunter2hunter2!' }, 'good.example.com': { auth } },
    })
    expect(lookupDockerConfig(config, 'good.example.com')).toEqual(found)
    expect(errorOf(() => lookupDockerConfig(config, 'bad.example.com'))).toMatchObject({
      code: 'ERR_CREDENTIALS',
      message: 'auth of auths["bad.example.com"] is not base64: position 14 has a character outside of the alphabet',
    })
  })

  it.each([
    ['{"auths": {"r": {"auth": "c2VjcmV0" "x"}}}', "line 1, column 37: expected ',' or '}', found something else"],
    ['{\n  "auths": {\n    "r": secret\n  }\n}', 'line 3, column 10: expected a value, found something else'],
    ['{"auths": {"r": {"auth": "c2Vj', 'line 1, column 31: expected the rest of a string, the text ends'],
    ['{"auths": {"r": {"auth": "a\nb"}}}', 'line 1, column 28: expected the rest of a string, found something else'],
    ['{"auths": {"r": {"auth": "\\x"}}}', 'line 1, column 27: expected the rest of a string, found something else'],
    ['{"auths": {},}', 'line 1, column 14: expected a key in double quotes, found something else'],
    ["{'auths': {}}", "line 1, column 2: expected a key or '}', found something else"],
    ['{"auths" {}}', "line 1, column 10: expected ':', found something else"],
    ['[1,]', 'line 1, column 4: expected a value, found something else'],
    ['{} {}', 'line 1, column 4: expected its end, found something else'],
    ['{}]', 'line 1, column 3: expected its end, found something else'],
    ['{"a":}', 'line 1, column 6: expected a value, found something else'],
    ['{"a', 'line 1, column 4: expected the rest of a string, the text ends'],
    ['{"a": 01}', "line 1, column 8: expected ',' or '}', found something else"],
    ['hunter2', 'line 1, column 1: expected a value, found something else'],
  ])('says where %j is wrong, and nothing of it', (text, message) => {
    expect(errorOf(() => parseDockerConfig(text))).toMatchObject({
      code: 'ERR_CREDENTIALS',
      message: `docker config is not JSON: ${message}`,
    })
  })

  it('takes for JSON what JSON.parse does', () => {
    const parses = (parse: () => unknown): boolean => {
      try {
        parse()
        return true
      } catch (error) {
        return error instanceof Error && error.message.includes('nested deeper')
      }
    }
    const damaged = fc
      .tuple(
        fc.json({ maxDepth: 5 }),
        fc.nat(),
        fc.constantFrom(
          '',
          '"',
          '\\',
          '{',
          '}',
          '[',
          ']',
          ',',
          ':',
          '0',
          '-',
          '.',
          'e',
          'u',
          ' ',
          '\n',
          'true',
          '\u0001',
        ),
      )
      .map(
        ([json, at, piece]) =>
          json.slice(0, at % (json.length + 1)) + piece + json.slice((at % (json.length + 1)) + (at % 2)),
      )
    fc.assert(
      fc.property(damaged, (json) => {
        const wrapped = `{"psFormat":${json}}`
        expect(parses(() => parseDockerConfig(wrapped))).toBe(parses(() => JSON.parse(wrapped)))
      }),
      { numRuns: 2000 },
    )
  })

  it('refuses more than 10 MiB', () => {
    const text = ' '.repeat(10 * 1024 * 1024 + 1)
    expect(errorOf(() => parseDockerConfig(text))).toMatchObject({
      code: 'ERR_CREDENTIALS',
      message: 'docker config is larger than 10 MiB',
      hint: 'A config.json has some kilobytes. Check which file this is.',
    })
    expect(parseDockerConfig(text.slice(1))).toEqual({ auths: {} })
    expect(errorOf(() => parseDockerConfig(Buffer.from(text)))).toMatchObject({ code: 'ERR_CREDENTIALS' })
  })

  it('refuses nesting beyond 64 levels, however deep it goes on', () => {
    const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
    expect(parseDockerConfig(nested(64))).toHaveProperty('auths')
    expect(errorOf(() => parseDockerConfig(nested(65)))).toMatchObject({
      code: 'ERR_CREDENTIALS',
      message: 'docker config is not JSON: line 1, column 321: nested deeper than 64 levels',
    })
    expect(errorOf(() => parseDockerConfig('['.repeat(1_000_000)))).toMatchObject({ code: 'ERR_CREDENTIALS' })
  })

  it('refuses what is not UTF-8', () => {
    expect(errorOf(() => parseDockerConfig(Buffer.from('\ufeff{}', 'utf16le')))).toMatchObject({
      code: 'ERR_CREDENTIALS',
      message: 'docker config is not UTF-8',
      hint: expect.stringContaining('UTF-16') as string,
    })
  })

  it.each([
    ['[]', 'docker config is a list, expected an object'],
    ['null', 'docker config is null, expected an object'],
    ['"x"', 'docker config is a string, expected an object'],
    ['{"auths":[]}', 'auths in docker config is a list, expected an object'],
    ['{"credHelpers":"x"}', 'credHelpers in docker config is a string, expected an object'],
    ['{"credHelpers":{"r":1}}', 'credHelpers["r"] in docker config is a number, expected a string'],
    ['{"credsStore":{}}', 'credsStore in docker config is an object, expected a string'],
  ])('refuses %s: %s', (text, message) => {
    expect(errorOf(() => parseDockerConfig(text))).toMatchObject({ code: 'ERR_CREDENTIALS', message })
  })
})
