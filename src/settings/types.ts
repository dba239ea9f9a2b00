/** Environment variables, as `process.env` has them. */
export type Env = Readonly<Record<string, string | undefined>>

/** Where containers are launched. */
export type Orchestrator = 'docker' | 'swarm' | 'portainer' | 'kubernetes'

/** The registry that an operator configured. Printed with the password masked. */
export interface RegistrySettings {
  /** As written: a host with an optional port, scheme and namespace. `docker.io` where none was. */
  readonly server: string
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly email?: string | undefined
  /** Plain HTTP, or any certificate, for this registry alone. Not for production. Default `false`. */
  readonly insecure?: boolean | undefined
}

/** How often and how patiently a failed request is tried again. */
export interface RetrySettings {
  /** How many times after the first. Default 3; 0 for none. */
  readonly attempts: number
  /** Seconds before the first of them; it grows from there. Default 5. */
  readonly delay: number
}

/** Where a CA certificate comes from: a file, or the PEM text itself. */
export type CaSource = { readonly path: string } | { readonly pem: string }

/** The proxy that an operator configured. Printed with the passwords of its URLs masked. */
export interface ProxySettings {
  /** For `http:` URLs. With scheme and, percent-encoded, user info. */
  readonly httpProxy?: string | undefined
  /** For `https:` URLs. With scheme and, percent-encoded, user info. */
  readonly httpsProxy?: string | undefined
  /** Hosts that are reached directly, as in the NO_PROXY environment variable. */
  readonly noProxy?: string | undefined
  /** Certificate authorities to trust besides the default ones, on connections through the proxy. */
  readonly ca: readonly CaSource[]
  /** Whether certificates are verified on connections through the proxy. */
  readonly rejectUnauthorized: boolean
}

/** Everything that pullpass reads from an operator's configuration. */
export interface Settings {
  /** Where containers are launched. Absent: neither the program nor the operator says. */
  readonly orchestrator?: Orchestrator | undefined
  /** Absent: no registry is configured, images are public. */
  readonly registry?: RegistrySettings | undefined
  /** Absent: no proxy. */
  readonly proxy?: ProxySettings | undefined
  readonly retry: RetrySettings
  /** How long a registry token is kept at most, in seconds. Default 1800. */
  readonly tokenTtl: number
  /** What is allowed but should be known, a sentence each, with the key to change. */
  readonly warnings: readonly string[]
}
