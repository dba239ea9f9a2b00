import type { ClientRequest, ClientRequestArgs } from 'node:http'
import { Agent } from 'node:https'
import type { Duplex } from 'node:stream'
import { connect } from 'node:tls'
import { printedAs } from '../../masking.js'
import type { ProxyRoute } from '../../proxy/route.js'
import { type LoadedTls, loadTlsToProxy, type TargetTls, tlsThroughProxy } from '../undici/hop-tls.js'
import { openTunnel } from '../undici/open-tunnel.js'
import { RequestTls } from './request-tls.js'

/** What a {@link TunnelAgent} needs to know. */
export interface TunnelAgentOptions {
  readonly proxy: ProxyRoute
  /** Certificates (PEM) to trust besides. */
  readonly ca: readonly string[]
  readonly tls: TargetTls
  /** Milliseconds. */
  readonly timeout: number
}

/** An agent whose connections all go through tunnels of one proxy, and are kept. */
export class TunnelAgent extends Agent {
  readonly #options: TunnelAgentOptions
  readonly #toProxy: LoadedTls
  readonly #toTarget: RequestTls

  constructor(options: TunnelAgentOptions) {
    super({ keepAlive: true })
    const { ca, proxy, tls } = options
    this.#options = options
    this.#toProxy = loadTlsToProxy(proxy, ca)
    this.#toTarget = new RequestTls(tls, (target) => tlsThroughProxy({ ...proxy.targetTls, ca }, target))
    printedAs(this, () => ({ agent: 'through tunnels', proxy: proxy.origin }))
  }

  override createConnection(options: Request, callback: (error: Error | null, stream: Duplex) => void): undefined {
    this.#open(options).then(
      (stream) => callback(null, stream),
      // Node looks at the error alone then.
      (error: unknown) => (callback as (error: unknown) => void)(error),
    )
  }

  async #open(request: Request): Promise<Duplex> {
    const { proxy, timeout } = this.#options
    const target = { host: request.host ?? 'localhost', port: Number(request.port) }
    const socket = await openTunnel(proxy, target, {
      tls: this.#toProxy,
      timeout,
      signal: request.stopped,
    })
    if (request.secureEndpoint !== true) return socket
    return connect({ ...request, ...target, ...this.#toTarget.for(request), socket })
  }
}

/** The request's options, as they come by way of {@link stopsWith}. */
type Request = Pick<ClientRequestArgs, 'host' | 'port'> &
  TargetTls & { readonly secureEndpoint?: boolean; readonly stopped?: AbortSignal }

/**
 * A signal for when `request` is given up. Until it has a connection, Node tells nobody: neither by an event nor by an
 * error.
 */
export function stopsWith(request: ClientRequest): AbortSignal {
  const controller = new AbortController()
  const destroy = request.destroy.bind(request)
  request.destroy = (error) => {
    controller.abort(error)
    return destroy(error)
  }
  return controller.signal
}
