import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { createAgent } from '../../../src/adapters/agent/index.js'
import { describePlainHttp } from '../../support/proxies/plain-http.js'

describePlainHttp('createAgent, an http: URL', async (url, proxy) => {
  const agent = createAgent(proxy)
  try {
    const [response] = (await once(get(url, { agent }), 'response')) as [IncomingMessage]
    return { status: response.statusCode ?? 0, body: await text(response) }
  } finally {
    agent.destroy()
  }
})
