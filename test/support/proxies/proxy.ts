import { once } from 'node:events'
import { connect } from 'node:net'

/** The one user of the proxies that ask for one. The password needs percent-encoding in a URL. */
export const proxyUser = { username: 'proxy-user', password: 'c@nary/p w?#%' } as const

/** `user:password@`, as it stands in a proxy URL. */
export const userInfo = `${proxyUser.username}:${encodeURIComponent(proxyUser.password)}@`

/** A proxy that runs on loopback. */
export interface RunningProxy {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  /** The lines of its own log since the last call of `forget`. */
  log(): string[]
  /** Makes `log` start anew. */
  forget(): void
  stop(): Promise<void>
}

/** Resolves once somebody listens there. */
export async function listening(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.destroy()
}

/** A log that can be cut: what `read` returns, in lines, without those that were there at the last `forget`. */
export function cuttableLog(read: () => string): Pick<RunningProxy, 'log' | 'forget'> {
  let seen = 0
  const lines = (): string[] =>
    read()
      .split('\n')
      .filter((line) => line !== '')
  return {
    log: () => lines().slice(seen),
    forget: () => {
      seen = lines().length
    },
  }
}
