import { once } from 'node:events'
import { type IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { expect } from 'vitest'
import { createAgent } from '../../../src/adapters/agent/index.js'
import { startDockerRegistry } from '../../support/docker-registry.js'
import { describeThroughProxies } from '../../support/proxies/matrix.js'
import { hosts } from '../../support/proxies/names.js'

describeThroughProxies({
  title: 'createAgent, to a registry',
  programs: ['docker-registry'],
  host: hosts.registry,
  bringsOwnCa: false,
  startTarget: (tls) => startDockerRegistry({ tls }),
  async request({ host, port }, proxy) {
    const agent = createAgent(proxy)
    try {
      const [response] = (await once(get({ host, port, path: '/v2/', agent }), 'response')) as [IncomingMessage]
      expect(response.headers['docker-distribution-api-version']).toBe('registry/2.0')
      response.resume()
      await once(response, 'end')
    } finally {
      agent.destroy()
    }
  },
})
