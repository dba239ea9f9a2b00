import Docker from 'dockerode'
import { expect } from 'vitest'
import { dockerOptions } from '../../../src/adapters/docker/docker-options.js'
import { describeThroughProxies } from '../../support/proxies/matrix.js'
import { hosts } from '../../support/proxies/names.js'
import { startTlsEngine } from '../../support/proxies/tls-engine.js'

describeThroughProxies({
  title: 'dockerOptions, to an engine over TCP with client certificates',
  programs: ['dockerd'],
  host: hosts.engine,
  bringsOwnCa: true,
  startTarget: startTlsEngine,
  async request({ host, port }, proxy, { ca, client }) {
    const { cert, key } = client
    const options = dockerOptions(proxy, { host, port, protocol: 'https', ca, cert, key })
    try {
      expect(await new Docker(options).version()).toHaveProperty('ApiVersion')
    } finally {
      options.agent?.destroy()
    }
  },
})
