import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { PullpassError } from '../../src/errors.js'
import { parseOpenCtiSettings, type Settings } from '../../src/settings/index.js'
import { refusalOf } from '../support/errors.js'

const daemon = (value: object): object => ({ opencti: { daemon: value } })
const registry = (value: unknown): object => daemon({ registry: value })

function failure(config: unknown, env: Record<string, string> = {}): PullpassError {
  return refusalOf(() => parseOpenCtiSettings(config, { env }))
}

describe('parseOpenCtiSettings', () => {
  const nothing: Settings = { retry: { attempts: 3, delay: 5 }, tokenTtl: 1800, warnings: [] }

  it.each([undefined, null, {}, { opencti: null }, daemon({}), registry(null), registry({}), { app: { port: 4000 } }])(
    'takes images for public where no registry is configured: %j',
    (config) => expect(parseOpenCtiSettings(config)).toEqual(nothing),
  )

  it('says where containers are launched, as the program or the operator says', () => {
    const config = daemon({ selector: 'swarm' })
    expect(parseOpenCtiSettings(config).orchestrator).toBe('swarm')
    expect(parseOpenCtiSettings(config, { orchestrator: 'docker' }).orchestrator).toBe('docker')
    expect(parseOpenCtiSettings(config, { env: { opencti__daemon__selector: 'kubernetes' } }).orchestrator).toBe(
      'kubernetes',
    )
  })

  it('reads opencti.daemon.registry', () => {
    const written = {
      server: 'registry.example.com',
      username: 'myuser',
      password: 'mypassword',
      email: 'user@example.com',
      token_ttl: 900,
      retry_attempts: 0,
      retry_delay: 0.5,
    }
    expect(parseOpenCtiSettings(registry(written))).toEqual({
      registry: {
        server: 'registry.example.com',
        username: 'myuser',
        password: 'mypassword',
        email: 'user@example.com',
        insecure: false,
      },
      retry: { attempts: 0, delay: 0.5 },
      tokenTtl: 900,
      warnings: [],
    })
  })

  it('takes a server without the white space around it', () => {
    expect(parseOpenCtiSettings(registry({ server: ' registry.example.com\n' })).registry?.server).toBe(
      'registry.example.com',
    )
  })

  it('takes Docker Hub for the server where none is named', () => {
    const { registry: read } = parseOpenCtiSettings(registry({ username: 'u', password: 'p' }))
    expect(read?.server).toBe('docker.io')
  })

  it('does not look at other sections', () => {
    const config = { app: { port: 'abc' }, opencti: { url: 3, daemon: { kubernetes: [], portainer: 'x' } } }
    expect(parseOpenCtiSettings(config)).toEqual(nothing)
  })

  it('does not change what it is given', () => {
    const config = registry({ server: 'registry.example.com', token_ttl: '900' })
    const before = structuredClone(config)
    parseOpenCtiSettings(config, { env: { OPENCTI__DAEMON__REGISTRY__SERVER: 'other.example.com' } })
    expect(config).toEqual(before)
  })

  describe('lays the environment over it', () => {
    it('by its names, in any case, and coerces values by what the key holds', () => {
      const env = {
        OPENCTI__DAEMON__REGISTRY__SERVER: 'env.example.com:5000',
        opencti__daemon__registry__username: 'true',
        OpenCti__Daemon__Registry__Password: '0123',
        OPENCTI__DAEMON__REGISTRY__TOKEN_TTL: '1800',
        OPENCTI__DAEMON__REGISTRY__RETRY_DELAY: ' 2.5 ',
        OTHER: 'x',
      }
      const settings = parseOpenCtiSettings(registry({ server: 'file.example.com', retry_delay: 9 }), { env })
      expect(settings.registry).toMatchObject({ server: 'env.example.com:5000', username: 'true', password: '0123' })
      expect(settings.retry.delay).toBe(2.5)
    })

    it('also where there is no file, and not with empty values', () => {
      const env = { OPENCTI__DAEMON__REGISTRY__SERVER: 'a.example.com', OPENCTI__DAEMON__REGISTRY__EMAIL: '' }
      expect(parseOpenCtiSettings(undefined, { env }).registry).toEqual({ server: 'a.example.com', insecure: false })
    })

    it('with the spelling in capitals first', () => {
      const env = {
        opencti__daemon__registry__server: 'low.example.com',
        OPENCTI__DAEMON__REGISTRY__SERVER: 'cap.example.com',
      }
      expect(parseOpenCtiSettings({}, { env }).registry?.server).toBe('cap.example.com')
    })
  })

  describe('opencti.daemon.docker.registry', () => {
    const both = daemon({
      registry: { server: 'general.example.com', username: 'general', password: 'g' },
      docker: { registry: { url: 'docker.example.com', username: 'docker', password: 'd', insecure: 'true' } },
    })

    it('wins for the Docker orchestrator, and only there', () => {
      const server = (orchestrator?: 'docker' | 'swarm' | 'portainer' | 'kubernetes'): string | undefined =>
        parseOpenCtiSettings(both, orchestrator && { orchestrator }).registry?.server
      expect(server('docker')).toBe('docker.example.com')
      expect(server('swarm')).toBe('general.example.com')
      expect(server('portainer')).toBe('general.example.com')
      expect(server('kubernetes')).toBe('general.example.com')
      expect(server()).toBe('general.example.com')
    })

    it('wins where opencti.daemon.selector says docker, from the file or the environment', () => {
      const config = {
        opencti: { daemon: { ...(both as { opencti: { daemon: object } }).opencti.daemon, selector: 'docker' } },
      }
      expect(parseOpenCtiSettings(config).registry?.server).toBe('docker.example.com')
      const env = { OPENCTI__DAEMON__SELECTOR: 'docker' }
      expect(parseOpenCtiSettings(both, { env }).registry?.server).toBe('docker.example.com')
      expect(parseOpenCtiSettings(config, { orchestrator: 'kubernetes' }).registry?.server).toBe('general.example.com')
    })

    it('is what counts where it stands alone', () => {
      const alone = daemon({ docker: { registry: { url: 'localhost:5000' } } })
      expect(parseOpenCtiSettings(alone).registry).toEqual({ server: 'localhost:5000', insecure: false })
    })

    it('is warned of where it stands alone and does not count', () => {
      const alone = daemon({ docker: { registry: { url: 'docker.example.com' } } })
      const { registry: read, warnings } = parseOpenCtiSettings(alone, { orchestrator: 'kubernetes' })
      expect(read).toBeUndefined()
      expect(warnings).toEqual([
        expect.stringMatching(/^opencti\.daemon\.docker\.registry is for the Docker orchestrator/),
      ])
      expect(parseOpenCtiSettings(both, { orchestrator: 'kubernetes' }).warnings).toEqual([])
    })

    it('warns of insecure: true', () => {
      const { registry: read, warnings } = parseOpenCtiSettings(both, { orchestrator: 'docker' })
      expect(read?.insecure).toBe(true)
      expect(warnings).toEqual([expect.stringMatching(/^opencti\.daemon\.docker\.registry\.insecure is true/)])
    })

    it('never takes credentials along to another server', () => {
      const general = { server: 'general.example.com', username: 'general', password: 'g', email: 'e@example.com' }
      const other = daemon({ registry: general, docker: { registry: { url: 'docker.example.com' } } })
      expect(parseOpenCtiSettings(other, { orchestrator: 'docker' }).registry).toEqual({
        server: 'docker.example.com',
        insecure: false,
      })
      const same = daemon({
        registry: general,
        docker: { registry: { url: 'https://general.example.com/', insecure: true } },
      })
      expect(parseOpenCtiSettings(same, { orchestrator: 'docker' }).registry).toEqual({
        ...general,
        server: 'https://general.example.com/',
        insecure: true,
      })
    })
  })

  describe('says what is wrong, with the key in full, what was found and what is expected', () => {
    it.each([
      [registry('x'), 'opencti.daemon.registry: found a string, expected an object'],
      [{ opencti: [] }, 'opencti: found a list, expected an object'],
      ['text', 'the configuration: found a string, expected an object'],
      [
        registry({ retry_delay: -5 }),
        'opencti.daemon.registry.retry_delay: found -5, expected a number of seconds, 0 or more',
      ],
      [
        registry({ token_ttl: 'soon' }),
        "opencti.daemon.registry.token_ttl: found 'soon', expected a number of seconds, 0 or more",
      ],
      [
        registry({ retry_attempts: 1.5 }),
        'opencti.daemon.registry.retry_attempts: found 1.5, expected a whole number, 0 or more',
      ],
      [
        registry({ retry_attempts: Infinity }),
        'opencti.daemon.registry.retry_attempts: found Infinity, expected a whole number, 0 or more',
      ],
      [
        registry({ server: 5000 }),
        'opencti.daemon.registry.server: found 5000, expected a string (a number or a date needs quotes in YAML)',
      ],
      [
        registry({ username: ['u'] }),
        'opencti.daemon.registry.username: found a list, expected a string (a number or a date needs quotes in YAML)',
      ],
      [
        registry({ username: '', password: 'p' }),
        'opencti.daemon.registry.username: found an empty string, expected a user name',
      ],
      [
        daemon({ selector: 'nomad' }),
        "opencti.daemon.selector: found 'nomad', expected one of docker, swarm, portainer, kubernetes",
      ],
      [daemon({ with_proxy: 'yes' }), "opencti.daemon.with_proxy: found 'yes', expected true or false"],
    ])('%j', (config, message) => {
      const error = failure(config)
      expect(error.code).toBe('ERR_SETTINGS')
      expect(error.message).toContain(message)
    })

    it('a server that is not a host', () => {
      const { message, code } = failure(registry({ server: 'not a host' }))
      expect(code).toBe('ERR_SETTINGS')
      expect(message).toMatch(/^opencti\.daemon\.registry\.server: .*'not a host'/)
      expect(failure(registry({ server: 'myregistry' })).hint).toContain('myregistry:5000')
      expect(failure(daemon({ docker: { registry: { url: 'ftp://x' } } })).message).toMatch(
        /^opencti\.daemon\.docker\.registry\.url: /,
      )
    })

    it('a password without a user, and a user without a password', () => {
      expect(failure(registry({ password: 'secret' })).message).toMatch(
        /^opencti\.daemon\.registry\.username: found nothing/,
      )
      expect(failure(registry({ username: 'u' })).message).toMatch(
        /^opencti\.daemon\.registry\.password: found nothing/,
      )
    })

    it('the variable, when the value came from the environment', () => {
      const { message } = failure({}, { opencti__daemon__registry__token_ttl: 'x' })
      expect(message).toContain(
        "opencti.daemon.registry.token_ttl (from opencti__daemon__registry__token_ttl): found 'x'",
      )
    })

    it('every mistake at once, a line each', () => {
      expect(failure(registry({ token_ttl: -1, retry_delay: 'x' })).message.split('\n')).toHaveLength(2)
    })

    it('but not the secret', () => {
      const error = failure(registry({ username: 'u', password: 4711 }))
      expect(error.message).toContain('opencti.daemon.registry.password: found a number')
      expect(inspect(error)).not.toContain('4711')
    })

    it('a key that is misspelt, as a warning', () => {
      const { warnings } = parseOpenCtiSettings(registry({ server: 'registry.example.com', pasword: 'secret' }))
      expect(warnings).toEqual([expect.stringContaining('opencti.daemon.registry.pasword is not a known key')])
      expect(warnings[0]).not.toContain('secret')
    })
  })

  it('logs each warning', () => {
    const logged: string[] = []
    const silent = (): void => {}
    const logger = {
      debug: silent,
      info: silent,
      error: silent,
      warn: (_: object, message: string) => logged.push(message),
    }
    const { warnings } = parseOpenCtiSettings(registry({ typo: 1 }), {
      logger: { ...logger, warn: (f, m) => void logger.warn(f, m) },
    })
    expect(logged).toEqual(warnings)
    expect(logged).toHaveLength(1)
  })

  it('prints settings with the password masked, and serializes them as they are', () => {
    const settings = parseOpenCtiSettings(registry({ username: 'u', password: 'canary' }))
    expect(inspect(settings)).toContain("password: '***'")
    expect(inspect(settings)).not.toContain('canary')
    expect(JSON.stringify(settings)).toContain('canary')
  })
})
