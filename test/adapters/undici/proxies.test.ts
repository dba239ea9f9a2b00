import { expect } from 'vitest'
import { request } from 'undici'
import { createDispatcher } from '../../../src/adapters/undici/index.js'
import { startDockerRegistry } from '../../support/docker-registry.js'
import { describeThroughProxies } from '../../support/proxies/matrix.js'
import { hosts } from '../../support/proxies/names.js'

describeThroughProxies({
  title: 'createDispatcher, to a registry',
  programs: ['docker-registry'],
  host: hosts.registry,
  bringsOwnCa: false,
  startTarget: (tls) => startDockerRegistry({ tls }),
  async request({ host, port }, proxy) {
    const dispatcher = createDispatcher(proxy)
    try {
      const response = await request(`https://${host}:${port}/v2/`, { dispatcher })
      expect(response.headers['docker-distribution-api-version']).toBe('registry/2.0')
      await response.body.dump()
    } finally {
      await dispatcher.close()
    }
  },
})
