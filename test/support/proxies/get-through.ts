import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { request } from 'undici'
import type { ProxySettings } from '../../../src/settings/types.js'

// A program: gets argv[2] by both transports through the proxy settings in argv[3], and prints what came of it. Its own
// process, since Node reads its default roots once.
const { createAgent } = await import('../../../src/adapters/agent/index.js')
const { createDispatcher } = await import('../../../src/adapters/undici/index.js')

const [, , url = '', settings = ''] = process.argv
const proxy = JSON.parse(settings) as ProxySettings
const agent = createAgent(proxy)
const dispatcher = createDispatcher(proxy)

const said = [
  await request(url, { dispatcher }).then(({ statusCode }) => String(statusCode), codeOf),
  await once(get(url, { agent }), 'response').then(
    ([response]) => String((response as IncomingMessage).statusCode),
    codeOf,
  ),
]
process.stdout.write(said.join(' '))
agent.destroy()
await dispatcher.destroy()

function codeOf(error: NodeJS.ErrnoException): string {
  return error.code ?? error.message
}
