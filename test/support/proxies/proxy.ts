import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { until } from '../processes.js'

/** The one user of the proxies that ask for one. The password needs percent-encoding in a URL. */
export const proxyUser = { username: 'proxy-user', password: 'c@nary/p w?#%' } as const

/** `user:password@`, as it stands in a proxy URL. */
export const userInfo: string = userInfoOf(proxyUser.password)

/** The same with another password. */
export function userInfoOf(password: string): string {
  return `${proxyUser.username}:${encodeURIComponent(password)}@`
}

/** A proxy that runs on loopback. */
export interface RunningProxy {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  /** All of its own log so far. */
  log(): string
  stop(): Promise<void>
}

/** Resolves once somebody listens there. */
export async function listening(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.destroy()
}

/** What an HTTP proxy has logged while `action` ran, as lines. */
export async function loggedDuring(proxy: RunningProxy, action: () => Promise<unknown>): Promise<string[]> {
  const before = await marked(proxy)
  await action()
  const after = await marked(proxy)
  return after.slice(before.length).filter((line) => !line.includes('marker-'))
}

/**
 * Runs `action`, and waits until the proxy has logged all of `expected`. Squid logs a tunnel when it notices that it has
 * ended.
 */
export async function expectLogged(
  proxy: RunningProxy,
  action: () => Promise<unknown>,
  ...expected: readonly string[]
): Promise<void> {
  const before = await marked(proxy)
  await action()
  await until(() => {
    const log = proxy.log().split('\n').slice(before.length).join('\n')
    const missing = expected.find((text) => !log.includes(text))
    return missing === undefined ? Promise.resolve() : Promise.reject(new Error(`not logged: ${missing}, but:\n${log}`))
  }, 10_000)
}

/** The log up to a request that is made now, so that nothing of before is still on its way into it. */
async function marked(proxy: RunningProxy): Promise<string[]> {
  const [host = '', port = ''] = proxy.host.split(':')
  // mitmproxy cuts long lines.
  const marker = `marker-${randomUUID().slice(0, 8)}.pullpass.test`
  const sent = request({ host, port, path: `http://${marker}/`, headers: { host: marker } }).end()
  await once(sent, 'response')
  sent.destroy()
  return until(() => {
    const lines = proxy.log().split('\n')
    const at = lines.findIndex((line) => line.includes(marker) && !line.includes('CONNECT'))
    if (at === -1) return Promise.reject(new Error(`${proxy.host} has not logged ${marker}`))
    return Promise.resolve(lines.slice(0, at + 1))
  })
}
