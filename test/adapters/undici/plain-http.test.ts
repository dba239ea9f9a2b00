import { request } from 'undici'
import { createDispatcher } from '../../../src/adapters/undici/index.js'
import { describePlainHttp } from '../../support/proxies/plain-http.js'

describePlainHttp('createDispatcher, an http: URL', async (url, proxy) => {
  const dispatcher = createDispatcher(proxy)
  try {
    const { statusCode, body } = await request(url, { dispatcher })
    return { status: statusCode, body: await body.text() }
  } finally {
    await dispatcher.close()
  }
})
