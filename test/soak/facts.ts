/** Everything that runs outside of the process that is measured, as that one needs to know it. */
export interface Facts {
  /** Of the container engine. */
  readonly engineSocket: string
  /** The registry that the engine pulls from, over plain HTTP on loopback. */
  readonly plainRegistry: string
  /** The registry behind TLS, at an address that goes through a proxy. */
  readonly secureRegistry: string
  /** The authority of all certificates here, as PEM. */
  readonly ca: string
  /** Digest by name, as both registries have them: `soak/app-0:1`. */
  readonly images: Readonly<Record<string, string>>
  readonly apiServer: { readonly url: string; readonly token: string }
  readonly namespaces: readonly string[]
  readonly proxies: Proxies
  /** URL of a proxy that takes connections and says nothing. */
  readonly silentProxy: string
}

/** Where the proxies are now; they move when they are started again. */
export interface Proxies {
  readonly mitmproxy: { readonly host: string; readonly ca: string }
  /** With the user that it asks for. */
  readonly squid: { readonly url: string }
}

/** From the world to the process that is measured. */
export type News =
  | { readonly kind: 'ready'; readonly facts: Facts }
  | { readonly kind: 'proxies'; readonly proxies: Proxies }
  | { readonly kind: 'done'; readonly order: Order; readonly faults: Readonly<Record<string, number>> }

/** The other way: faults from now on, no more of them, the end. Each is answered by `done`. */
export type Order = 'storm' | 'calm' | 'stop'

/** Who may pull. No error, log line or result may show the password, nor the wrong one. */
export const user = { username: 'puller', password: 'canary-9f2c' } as const
export const stranger = { username: 'puller', password: 'canary-wrong' } as const
