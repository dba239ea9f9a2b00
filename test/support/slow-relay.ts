import { connect, createServer } from 'node:net'
import { listen } from './listen.js'

/** A TCP relay on loopback that can hold back what a server sends, or cut it off. */
export interface SlowRelay {
  /** `127.0.0.1:PORT` */
  readonly host: string
  /** After so many bytes of an answer: nothing more (`hold`), or the end (`cut`). `pass` lets all through. */
  mode: 'pass' | 'hold' | 'cut'
  /** Resolves once an answer has been held back or cut off. */
  readonly reached: Promise<void>
  stop(): Promise<void>
}

/** Starts one in front of a port of this machine. */
export async function startSlowRelay(port: number, afterBytes: number): Promise<SlowRelay> {
  let reach = (): void => {}
  const relay = { mode: 'pass' as SlowRelay['mode'], reached: new Promise<void>((resolve) => (reach = resolve)) }
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    let seen = 0
    for (const socket of [client, upstream]) socket.on('error', () => {})
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
    client.pipe(upstream)
    upstream.on('data', (chunk: Buffer) => {
      seen += chunk.length
      if (relay.mode === 'pass' || seen < afterBytes) return void client.write(chunk)
      reach()
      if (relay.mode === 'cut') client.destroy()
      else upstream.pause()
    })
  })
  const { host, stop } = await listen(server)
  return Object.assign(relay, { host, stop })
}
