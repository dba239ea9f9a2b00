import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type Agent, get, type IncomingMessage } from 'node:http'
import { createAgent, type CreateAgentOptions } from 'pullpass/agent'
import { startTestRegistry } from 'pullpass/testing'

const options: CreateAgentOptions = { connectTimeout: 5 }
const agent: Agent = createAgent(undefined, options)
await using registry = await startTestRegistry()
const [response] = (await once(get(`http://${registry.host}/v2/`, { agent }), 'response')) as [IncomingMessage]
response.resume()
agent.destroy()
assert.equal(response.statusCode, 200)
