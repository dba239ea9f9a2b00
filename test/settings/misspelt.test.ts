import { describe, expect, it } from 'vitest'
import type { Logger } from '../../src/logger.js'
import { parseOpenCtiSettings } from '../../src/settings/index.js'

const daemon = (value: object): object => ({ opencti: { daemon: value } })
const registry = (value: object): object => daemon({ registry: value })

const warningsOf = (config: unknown, env: Record<string, string> = {}): readonly string[] =>
  parseOpenCtiSettings(config, { env }).warnings

describe('a key that is none', () => {
  it.each([
    ['opencti.daemon.registry.pasword', registry({ pasword: 'x' }), 'password'],
    ['opencti.daemon.registry.usernam', registry({ usernam: 'x' }), 'username'],
    ['opencti.daemon.registry.userName', registry({ userName: 'x' }), 'username'],
    ['opencti.daemon.registry.retry-attempts', registry({ 'retry-attempts': 1 }), 'retry_attempts'],
    ['opencti.daemon.registry.tokenTTL', registry({ tokenTTL: 1 }), 'token_ttl'],
    ['opencti.daemon.registry.url', registry({ url: 'a.example.com' }), 'server'],
    ['opencti.daemon.registry.user', registry({ user: 'x' }), 'username'],
    ['opencti.daemon.docker.registry.server', daemon({ docker: { registry: { server: 'a.example.com' } } }), 'url'],
    ['opencti.daemon.docker.registry.insecur', daemon({ docker: { registry: { insecur: true } } }), 'insecure'],
    ['opencti.daemon.registery', daemon({ registery: { server: 'a.example.com' } }), 'registry'],
    ['opencti.daemon.withProxy', daemon({ withProxy: true }), 'with_proxy'],
    ['opencti.daemon.docker.Registry', daemon({ docker: { Registry: {} } }), 'registry'],
    ['opencti.deamon', { opencti: { deamon: {} } }, 'daemon'],
    ['openCTI', { openCTI: {} }, 'opencti'],
    ['https_proxy_reject_unauthorised', { https_proxy_reject_unauthorised: true }, 'https_proxy_reject_unauthorized'],
    ['https-proxy', { 'https-proxy': 'p:1' }, 'https_proxy'],
  ])('is named with the nearest one: %s', (path, config, nearest) => {
    expect(warningsOf(config)).toEqual([`${path} is not a known key and was ignored: did you mean ${nearest}?`])
  })

  it('is named with all of them where none is near', () => {
    expect(warningsOf(registry({ insecure: true }))).toEqual([
      'opencti.daemon.registry.insecure is not a known key and was ignored; known are ' +
        'server, username, password, email, token_ttl, retry_attempts, retry_delay',
    ])
  })

  it('is in the hint where something is missing for it', () => {
    expect(() => parseOpenCtiSettings(registry({ usernam: 'robot', password: 'secret' }))).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/^opencti\.daemon\.registry\.username: found nothing/) as string,
        hint: expect.stringContaining('opencti.daemon.registry.usernam is not a known key') as string,
      }),
    )
  })

  it.each([
    ["OpenCTI's and the connector manager's own", { app: {}, redis: {}, logs: {}, opencti: { url: 'x', token: 'y' } }],
    ["the daemon's own", daemon({ portainer: {}, kubernetes: {}, swarm: {}, docker: { network_mode: 'x' } })],
    ["the proxy's in capitals", { HTTPS_PROXY: 'p:1', NO_PROXY: 'a', HTTPS_PROXY_CA: '/ca.pem' }],
    ['indexes of a list', { opencti: { daemon: { portainer: [1, 2] } }, list: ['a'] }],
  ])('is no matter outside: %s', (_, config) => {
    expect(warningsOf(config)).toEqual([])
  })

  it('is compared only where it is as short as a name', () => {
    const long = 'registry'.repeat(200_000)
    expect(warningsOf(registry({ [long]: 1 }))).toEqual([expect.stringContaining('known are server')])
    expect(warningsOf(daemon({ [long]: 1 }))).toEqual([])
  })
})

describe('a variable that is none', () => {
  it.each([
    ['OPENCTI_DAEMON_REGISTRY_SERVER', 'OPENCTI__DAEMON__REGISTRY__SERVER'],
    ['OPENCTI__DAEMON__REGISTRY__PASSWRD', 'OPENCTI__DAEMON__REGISTRY__PASSWORD'],
    ['opencti__daemon__withproxy', 'OPENCTI__DAEMON__WITH_PROXY'],
  ])('is named with the nearest one: %s', (name, nearest) => {
    const [warning, ...more] = warningsOf({}, { [name]: 'secret' })
    expect(warning).toBe(`${name} is not read: did you mean ${nearest}?`)
    expect(more).toEqual([])
  })

  it('is named with all of them where it is for a registry, and none is near', () => {
    expect(warningsOf({}, { OPENCTI__DAEMON__DOCKER__REGISTRY__TOKEN_TTL: '60' })).toEqual([
      expect.stringMatching(/^OPENCTI__DAEMON__DOCKER__REGISTRY__TOKEN_TTL is not read; known are OPENCTI__DAEMON__D/),
    ])
  })

  it.each([
    'OPENCTI__DAEMON__SELECTOR',
    'opencti__daemon__registry__email',
    'OPENCTI_URL',
    'OPENCTI_TOKEN',
    'OPENCTI__DAEMON__PORTAINER__API',
    'PATH',
  ])('is no matter otherwise: %s', (name) => {
    expect(warningsOf({}, { [name]: 'docker' })).toEqual([])
  })

  it('is no matter where it is empty', () => {
    const env = { OPENCTI_DAEMON_REGISTRY_SERVER: '', OPENCTI__DAEMON__REGISTRY__URL: undefined }
    expect(parseOpenCtiSettings({}, { env }).warnings).toEqual([])
  })
})

describe('a section that is a value', () => {
  it.each([
    [daemon({ registry: 'registry.example.com' }), 'opencti.daemon.registry: found a string, expected an object'],
    [{ opencti: { daemon: ['docker'] } }, 'opencti.daemon: found a list, expected an object'],
  ])('is told how to be written: %j', (config, message) => {
    expect(() => parseOpenCtiSettings(config)).toThrow(
      expect.objectContaining({ message, hint: expect.stringContaining('opencti.daemon.') as string }),
    )
  })
})

describe('a proxy without with_proxy', () => {
  const logged = (config: unknown, env: Record<string, string>): string[] => {
    const lines: string[] = []
    const log = (level: string) => (_: object, message: string) => void lines.push(`${level} ${message}`)
    const logger: Logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
    const { proxy, warnings } = parseOpenCtiSettings(config, { env, logger })
    expect(proxy).toBeUndefined()
    expect(warnings).toEqual([])
    return lines
  }

  it('is not used; that is said at level debug alone, since it may be meant for others', () => {
    expect(logged({}, { https_proxy: 'http://user:canary@p:1' })).toEqual([
      'debug https_proxy is not used: opencti.daemon.with_proxy is not true',
    ])
    expect(logged({ http_proxy: 'p:1', ...daemon({ with_proxy: false }) }, { HTTPS_PROXY: 'p:1' })).toEqual([
      'debug http_proxy is not used: opencti.daemon.with_proxy is not true',
    ])
    expect(logged({}, { HTTPS_PROXY: ' ', NO_PROXY: 'a' })).toEqual([])
  })
})
