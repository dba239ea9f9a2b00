import Docker from 'dockerode'
import { describe, expect, it } from 'vitest'
import { dockerOptions } from '../../../src/adapters/docker/docker-options.js'
import type { ProxySettings } from '../../../src/settings/types.js'
import { expectNoSecret } from '../../support/proxies/matrix.js'
import { hosts } from '../../support/proxies/names.js'
import { userInfo } from '../../support/proxies/proxy.js'
import { startScriptedProxy } from '../../support/proxies/scripted-proxy.js'

const proxy: ProxySettings = { httpsProxy: 'http://127.0.0.1:1', ca: [], rejectUnauthorized: true }

describe('dockerOptions', () => {
  it('adds an agent to a copy of the options', () => {
    const base = Object.freeze({ host: hosts.engine, port: 2376, ca: 'ca', cert: 'cert', key: 'key', version: 'v1.41' })
    const options = dockerOptions(proxy, base)
    expect(options).toEqual({ ...base, agent: options.agent })
    expect(options.agent).toBeDefined()
    expect(base).not.toHaveProperty('agent')
  })

  it.each<[string, Docker.DockerOptions]>([
    ['a Unix socket', { socketPath: '/var/run/docker.sock' }],
    ['ssh', { protocol: 'ssh', host: 'engine.example.com', username: 'user' }],
  ])('leaves options for %s as they are', (_, base) => {
    expect(dockerOptions(proxy, base)).toEqual(base)
    expect(dockerOptions(proxy, base)).not.toBe(base)
  })

  it('leaves all options as they are without a proxy', () => {
    expect(dockerOptions(undefined, { host: hosts.engine })).toEqual({ host: hosts.engine })
    expect(dockerOptions(undefined)).toEqual({})
  })

  it('gives dockerode the error that names the proxy, for an engine over plain TCP as well', async () => {
    const { host, stop } = await startScriptedProxy(407)
    for (const protocol of ['http', 'https'] as const) {
      const url = `http://${userInfo}${host}`
      const settings = { httpProxy: url, httpsProxy: url, ca: [], rejectUnauthorized: true }
      const options = dockerOptions(settings, { host: hosts.engine, port: 2375, protocol })
      for (const call of ['version', 'getEvents'] as const) {
        const error: unknown = await new Docker(options)[call]().catch((e: unknown) => e)
        expect(error).toMatchObject({ code: 'ERR_PROXY_AUTHENTICATION_REQUIRED' })
        expectNoSecret({ error, options })
      }
    }
    await stop()
  })
})
