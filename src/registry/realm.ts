import { lookup as dnsLookup, type LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { PullpassError } from '../errors.js'
import { addressKind } from './addresses.js'
import { addressIn, isLoopbackHost } from './endpoint.js'
import { shownUrl } from './http.js'

/** Resolves a host name to all its addresses. */
export type ResolveHost = (hostname: string) => Promise<readonly LookupAddress[]>

/** On whose behalf a realm is looked at. */
export interface RealmContext {
  /** The registry, as in an image name. */
  readonly registry: string
  /** Where the registry answered. */
  readonly origin: URL
  /** Plain HTTP to the registry's own host is fine. */
  readonly insecure: boolean
  /** Hosts that may be token servers wherever they are, in lower case. */
  readonly tokenServers: readonly string[]
  readonly resolve: ResolveHost
}

/** Names that only mean a cloud's metadata service, for routes on which a proxy resolves them. */
const metadataNames = ['metadata.google.internal', 'metadata.goog', 'instance-data', 'instance-data.ec2.internal']

/**
 * Refuses a token server that a registry has no business naming: not https while the registry is; or at an address
 * inside this network, unless that is the registry's own host. Host names are looked at again by {@link guardedLookup}
 * when they are resolved.
 *
 * @throws {PullpassError} `ERR_REGISTRY_FAULT`, before anything is sent.
 */
export async function checkRealm(realm: URL, context: RealmContext): Promise<void> {
  const refuse = (reason: string): never => {
    throw hostileRealm(realm, context, reason)
  }
  if (realm.protocol !== 'https:' && realm.protocol !== 'http:')
    refuse(`has the scheme '${realm.protocol.slice(0, -1)}'`)
  if (realm.username !== '' || realm.password !== '') refuse('has user info')
  const isOwnHost = realm.hostname === context.origin.hostname
  if (realm.protocol === 'http:' && context.origin.protocol === 'https:' && !(isOwnHost && context.insecure)) {
    refuse('is not encrypted, while the registry is')
  }
  if (isOwnHost || isAllowed(realm.hostname, context)) return
  const name = realm.hostname.replace(/\.$/, '')
  if (metadataNames.includes(name)) refuse("is a cloud's metadata service")
  const address = addressIn(realm.hostname) ?? (isLoopbackHost(realm.hostname) ? '127.0.0.1' : undefined)
  if (address === undefined) return
  const reason = await whyNot(address, context)
  if (reason !== undefined) refuse(reason)
}

/**
 * A `lookup` for the connections to token servers that holds every address that is about to be connected to against
 * the rules of {@link checkRealm}: a public name may lead to a private address, and another one a moment later.
 */
export function guardedLookup(context: RealmContext): LookupFunction {
  return (hostname, options, callback) => {
    resolveChecked(hostname, context).then(
      (addresses) => {
        const [first] = addresses
        if (options.all === true) callback(null, [...addresses])
        else callback(null, first?.address ?? '', first?.family)
      },
      (error: unknown) => callback(error as NodeJS.ErrnoException, '', 0),
    )
  }
}

async function resolveChecked(hostname: string, context: RealmContext): Promise<readonly LookupAddress[]> {
  const addresses = await context.resolve(hostname)
  if (hostname === context.origin.hostname || isAllowed(hostname, context)) return addresses
  for (const { address } of addresses) {
    const reason = await whyNot(address, context)
    if (reason !== undefined) throw hostileRealm(hostname, context, reason)
  }
  return addresses
}

/** Resolves by the operating system, as connections do. */
export function resolveBySystem(hostname: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    dnsLookup(hostname, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)))
  })
}

function isAllowed(hostname: string, context: RealmContext): boolean {
  return context.tokenServers.includes(hostname)
}

const places = { loopback: 'on this machine', private: 'in a private network', reserved: 'in a reserved range' }

/** Why an address is nowhere to send a client, unless it is public or the registry itself. */
async function whyNot(address: string, context: RealmContext): Promise<string | undefined> {
  const kind = addressKind(address)
  if (kind === 'public') return undefined
  if (kind === 'loopback' && isLoopbackHost(context.origin.hostname)) return undefined
  if ((await ownAddresses(context)).includes(address)) return undefined
  return `is at ${address}, ${places[kind]}`
}

async function ownAddresses({ origin, resolve }: RealmContext): Promise<readonly string[]> {
  const literal = addressIn(origin.hostname)
  if (literal !== undefined) return [literal]
  try {
    return (await resolve(origin.hostname)).map(({ address }) => address)
  } catch {
    return []
  }
}

function hostileRealm(realm: URL | string, { registry }: RealmContext, reason: string): PullpassError {
  const shown = typeof realm === 'string' ? realm : shownUrl(realm)
  return new PullpassError(
    'ERR_REGISTRY_FAULT',
    `${registry} sends its clients for a token to ${shown}, which ${reason}. Nothing was sent there`,
    {
      hint:
        'No registry should name such an address; whoever answers for this one may not be who you think. ' +
        'If it is your own token server, list its host in `tokenServers`.',
    },
  )
}
