import type { Agent } from 'node:http'
import { getCACertificates } from 'node:tls'
import type Docker from 'dockerode'
import { PullpassError } from '../../errors.js'
import { checkObject, kindOf } from '../../kind-of.js'
import { MASK, printedAs } from '../../masking.js'
import type { ProxySettings } from '../../settings/index.js'
import { createAgent } from '../agent/index.js'

/** TLS to Portainer: PEM texts. */
export interface PortainerTls {
  /** Authorities to trust besides the default ones. */
  readonly ca?: string | readonly string[] | undefined
  /** A client certificate and its key, where Portainer asks for one. */
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** Default `true`. `false` takes any certificate: not for production. */
  readonly rejectUnauthorized?: boolean | undefined
}

/** Where Portainer is, and as whom to speak to it. */
export interface PortainerOptions {
  /** Its address: `https://portainer.example.com:9443`, with a path where it is behind one. */
  readonly api: string
  /** An access token of a Portainer user, sent as `X-API-Key`. */
  readonly apiKey: string
  /** The environment (formerly endpoint) whose engine is meant: a number. */
  readonly environmentId: number | string
  /** Version of the Docker API: `1.41`. Default: the engine's own. */
  readonly apiVersion?: string | undefined
  /** The way to Portainer. Default: direct. */
  readonly proxy?: ProxySettings | undefined
  readonly tls?: PortainerTls | undefined
}

/** What dockerode takes; its types leave the agent out. */
export type DockerOptions = Docker.DockerOptions & { readonly agent?: Agent }

/** An address of Portainer, taken apart and checked. */
export interface PortainerAddress {
  readonly url: URL
  /** Path to the environment, without a slash in front: `api/endpoints/3`. */
  readonly environment: string
}

/**
 * Options for a dockerode that speaks to an engine through Portainer: `new Docker(portainerDockerOptions(…))`. Everything
 * in `pullpass/docker` works on it unchanged. Printed with the API key masked.
 *
 * @throws {PullpassError} `ERR_SETTINGS`: `api` is not an http(s) URL, there is no `apiKey`, or `environmentId` or
 * `apiVersion` is not a number.
 * @throws {TypeError} An option has the wrong type.
 */
export function portainerDockerOptions(options: PortainerOptions): DockerOptions {
  const { url, environment } = portainerAddress(options)
  const { apiVersion } = options
  const version = apiVersion === undefined ? '' : `/v${checkApiVersion(apiVersion)}`
  return {
    protocol: url.protocol === 'https:' ? 'https' : 'http',
    // docker-modem parses it as part of a URL, where an IPv6 address has its brackets.
    host: url.hostname,
    port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
    // dockerode puts the version in front of every path.
    version: `${environment}/docker${version}`,
    // dockerode keeps this very object, and prints it with every container.
    headers: printedAs({ 'X-API-Key': options.apiKey }, () => ({ 'X-API-Key': MASK })),
    agent: portainerAgent(options),
  }
}

/** Checks where Portainer is said to be. */
export function portainerAddress(options: PortainerOptions): PortainerAddress {
  checkObject(options, 'options')
  const { api, apiKey, environmentId } = options
  if (typeof apiKey !== 'string' || apiKey === '') {
    throw new PullpassError('ERR_SETTINGS', 'apiKey: found none, expected an access token of Portainer', {
      hint: "Create one in Portainer, under 'My account', 'Access tokens'.",
    })
  }
  const url = URL.parse(api)
  const hasMore = url && `${url.username}${url.password}${url.search}` !== ''
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:') || hasMore) {
    throw new PullpassError(
      'ERR_SETTINGS',
      `api: found ${typeof api === 'string' ? 'something else' : kindOf(api)}, expected the http(s) URL of Portainer`,
      {
        hint: 'Write it as https://portainer.example.com:9443, without user info and query; the key goes into apiKey.',
      },
    )
  }
  if (!/^\d+$/.test(String(environmentId))) {
    throw new PullpassError('ERR_SETTINGS', `environmentId: found ${kindOf(environmentId)}, expected a number`, {
      hint: 'It is the number in the URL of the environment in Portainer: /#!/3/docker.',
    })
  }
  // Some write the address of the API, with /api at its end.
  const path = url.pathname
    .replace(/\/+$/, '')
    .replace(/\/api$/, '')
    .slice(1)
  return { url, environment: `${path === '' ? '' : `${path}/`}api/endpoints/${environmentId}` }
}

/** The way to Portainer, through the proxy where there is one. */
export function portainerAgent({ proxy, tls = {} }: PortainerOptions): Agent {
  const { ca, ...rest } = tls
  // A `ca` of Node's replaces the default roots.
  return createAgent(proxy, { tls: { ...rest, ...(ca && { ca: [getCACertificates('default'), ca].flat(2) }) } })
}

function checkApiVersion(version: string): string {
  // As a number, 1.40 would be 1.4.
  if (typeof version !== 'string') throw new TypeError(`apiVersion must be a string, not ${kindOf(version)}`)
  const [, number] = /^v?(\d+\.\d+)$/.exec(version) ?? []
  if (number !== undefined) return number
  throw new PullpassError('ERR_SETTINGS', `apiVersion: found '${version}', expected a version of the Docker API`, {
    hint: 'Write it as 1.41, or leave it out for the newest that the engine has.',
  })
}
