import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'

/** A server of the tests' own that listens on loopback. */
export interface Listening {
  /** `127.0.0.1:PORT` */
  readonly host: string
  readonly port: number
  /** How many connections are open. */
  open(): number
  /** Ends all connections too, also those that are still in their handshake or were upgraded. */
  stop(): Promise<void>
}

/** Has it listen on a port, by default any free one. */
export async function listen(server: Server, wanted = 0): Promise<Listening> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(wanted, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  return { host: `127.0.0.1:${port}`, port, open: () => sockets.size, stop }
}
