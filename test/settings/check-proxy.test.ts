import { KubeConfig } from '@kubernetes/client-node'
import { describe, expect, it } from 'vitest'
import { createAgent } from '../../src/adapters/agent/index.js'
import { dockerOptions } from '../../src/adapters/docker/index.js'
import { applyProxy } from '../../src/adapters/kubernetes/index.js'
import { createDispatcher } from '../../src/adapters/undici/index.js'
import { createRegistryClient } from '../../src/registry/index.js'

const takers: readonly (readonly [string, (proxy: never) => unknown])[] = [
  ['createAgent', (proxy) => createAgent(proxy)],
  ['createDispatcher', (proxy) => createDispatcher(proxy)],
  ['createRegistryClient', (proxy) => createRegistryClient({ proxy })],
  ['dockerOptions', (proxy) => dockerOptions(proxy)],
  ['applyProxy', (proxy) => applyProxy(new KubeConfig(), proxy)],
]

describe.each(takers)('%s refuses in the place of proxy settings', (_, take) => {
  it.each<[string, unknown, RegExp]>([
    ['a URL', 'http://user:hunter2@proxy:3128', /proxy must be an object, not a string/],
    ['a URL object', new URL('http://user:hunter2@proxy:3128'), /proxy must come from loadSettings/],
    ['settings still being read', Promise.resolve({}), /proxy must be an object, not a promise: await it/],
    ['the environment', { HTTPS_PROXY: 'http://user:hunter2@proxy:3128' }, /proxy must come from .*FromEnv/],
    ['the operator’s keys', { https_proxy: 'http://user:hunter2@proxy:3128' }, /proxy must come from loadSettings/],
  ])('%s, without repeating it', (_what, proxy, message) => {
    const attempt = (): unknown => take(proxy as never)
    expect(attempt).toThrow(TypeError)
    expect(attempt).toThrow(message)
    expect(attempt).not.toThrow(/hunter2/)
  })

  it('and takes what has a part of them, and nothing', () => {
    expect(() => take({ rejectUnauthorized: true, ca: [] } as never)).not.toThrow()
    expect(() => take(undefined as never)).not.toThrow()
  })
})
