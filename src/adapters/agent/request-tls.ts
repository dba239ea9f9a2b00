import type { ConnectionOptions } from 'node:tls'
import { loadTls, type TargetTls } from '../undici/hop-tls.js'

/** TLS towards the target for one request after the other. */
export class RequestTls {
  readonly #ofAgent: TargetTls
  readonly #onThisRoute: (tls: TargetTls) => TargetTls
  #loaded: ConnectionOptions | undefined

  /**
   * @param ofAgent What the agent was told, which wins over what a request says.
   * @param onThisRoute Adds what the route has to it.
   */
  constructor(ofAgent: TargetTls, onThisRoute: (tls: TargetTls) => TargetTls) {
    this.#ofAgent = ofAgent
    this.#onThisRoute = onThisRoute
  }

  /** Loaded once for all requests that say nothing of their own. */
  for(request: TargetTls): ConnectionOptions {
    const { ca, cert, key, pfx, rejectUnauthorized } = request
    const own = rejectUnauthorized === false || [ca, cert, key, pfx].some((value) => value !== undefined)
    if (own) return this.#onThisRoute({ ...request, ...this.#ofAgent })
    return (this.#loaded ??= loadTls(this.#onThisRoute(this.#ofAgent)))
  }
}
