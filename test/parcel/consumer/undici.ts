import assert from 'node:assert/strict'
import { startTestRegistry } from 'pullpass/testing'
import { createDispatcher, type CreateDispatcherOptions } from 'pullpass/undici'

const options: CreateDispatcherOptions = { connectTimeout: 5, tls: { rejectUnauthorized: true } }
const dispatcher = createDispatcher(undefined, options)
await using registry = await startTestRegistry()
const { statusCode, body } = await dispatcher.request({
  origin: `http://${registry.host}`,
  path: '/v2/',
  method: 'GET',
})
await body.dump()
await dispatcher.close()
assert.equal(statusCode, 200)
