import {
  type CredentialChain,
  type Credentials,
  type CredentialSource,
  credentialsFrom,
  type ProvidedCredentials,
} from '../../credentials/index.js'
import type { ImageReference } from '../../reference/index.js'
import type { EnsureContent } from './ensure.js'
import { imagePullSecret, type PullSecretRegistry } from './pull-secret.js'

/** Server to credentials, or to where they are found: a provider's `expiresAt` is heeded. */
export type SyncEntries = Readonly<Record<string, ProvidedCredentials | CredentialSource>>

/** Finds the credentials of all registries at once: anew each time, since the old ones are about to expire. */
export type SyncProvider = (options: {
  readonly signal: AbortSignal | undefined
}) => SyncProvided | Promise<SyncProvided>

/** What a provider knows: server to credentials, with one `expiresAt` for all, or one each. */
export type SyncProvided =
  SyncEntries | { readonly credentials: SyncEntries; readonly expiresAt?: Date | undefined } | undefined

/** Where the content of the secrets comes from. */
export interface SyncContent {
  readonly registry?: PullSecretRegistry | undefined
  readonly credentials?: SyncEntries | SyncProvider | undefined
}

/** What goes into the secrets now. */
export interface CurrentContent {
  readonly content: Pick<EnsureContent, 'registry' | 'credentials'>
  /** Milliseconds since 1970 at which the first of the credentials expires. */
  readonly expiresAt: number | undefined
}

/**
 * Asks for the credentials as they are now.
 *
 * @throws What a provider throws; what `imagePullSecret` throws, once instead of for every namespace.
 */
export async function readContent(options: SyncContent, signal: AbortSignal | undefined): Promise<CurrentContent> {
  const { registry, credentials: given } = options
  if (registry !== undefined) return checked({ content: { registry }, expiresAt: undefined })
  const provided = typeof given === 'function' ? await given({ signal }) : given
  const { credentials: entries, expiresAt } = split(provided)
  const credentials: Record<string, Credentials> = {}
  const ends = [expiresAt]
  for (const [server, source] of Object.entries(entries)) {
    const found = await resolve(server, source, signal)
    if (found.credentials !== undefined) credentials[server] = found.credentials
    ends.push(found.expiresAt)
  }
  const known = ends.flatMap((end) => (end === undefined ? [] : [timeOf(end)]))
  return checked({ content: { credentials }, expiresAt: known.length === 0 ? undefined : Math.min(...known) })
}

/** Makes sources that remember their answers forget them, so that the next one is new. */
export function refresh({ credentials }: SyncContent): void {
  if (credentials === undefined || typeof credentials === 'function') return
  for (const source of Object.values(credentials)) {
    if ('refresh' in source && typeof source.refresh === 'function') source.refresh()
  }
}

function timeOf(end: Date): number {
  const time = new Date(end).getTime()
  if (Number.isNaN(time)) throw new TypeError('expiresAt must be a Date')
  return time
}

function checked(current: CurrentContent): CurrentContent {
  const { registry, credentials = {} } = current.content
  if (registry?.username !== undefined) imagePullSecret({ registry })
  else if (Object.keys(credentials).length > 0) imagePullSecret({ credentials })
  return current
}

function split(provided: SyncProvided): { credentials: SyncEntries; expiresAt?: Date | undefined } {
  if (provided === undefined) return { credentials: {} }
  const inner = (provided as { credentials?: unknown }).credentials
  // A registry of that name would have credentials here, which are told by their fields.
  const isWrapped = typeof inner === 'object' && inner !== null && !isSource(inner)
  return isWrapped ? (provided as { credentials: SyncEntries }) : { credentials: provided as SyncEntries }
}

interface Resolved {
  readonly credentials: Credentials | undefined
  readonly expiresAt?: Date | undefined
}

async function resolve(
  server: string,
  source: SyncEntries[string],
  signal: AbortSignal | undefined,
): Promise<Resolved> {
  if (typeof source === 'function' || 'provide' in source || 'resolve' in source) {
    return credentialsFrom(source, referenceFor(server), signal)
  }
  const { expiresAt, ...credentials } = source as ProvidedCredentials
  return { credentials, expiresAt }
}

/** Providers are asked for an image; one on the registry stands for all. */
function referenceFor(server: string): ImageReference {
  const place = server.replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, '')
  const [registry = '', ...path] = place.split('/')
  return { registry, repository: path.join('/') || 'any' }
}

function isSource(value: object): value is Credentials | CredentialChain {
  return ['password', 'identityToken', 'registryToken', 'provide', 'resolve'].some((field) => field in value)
}
