import { createHash } from 'node:crypto'
import { PullpassError } from '../errors.js'
import type { HttpResponse } from './http.js'

const INDEX_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]
const MANIFEST_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]

/** What an engine takes for an image. */
export const acceptedManifests: string = [...INDEX_TYPES, ...MANIFEST_TYPES].join(', ')

/** Something in a registry, by its digest. */
export interface Descriptor {
  readonly digest: string
  readonly size: number
  /** `linux/amd64`; of the manifests in an index. */
  readonly platform?: string
}

/** What a tag stands for. */
export type Manifest =
  | { readonly kind: 'index'; readonly mediaType: string; readonly manifests: readonly Descriptor[] }
  | { readonly kind: 'image'; readonly mediaType: string; readonly config?: Descriptor; readonly size: number }

/** The digest that a registry gives for an answer, where it gives one. */
export function digestIn({ headers }: HttpResponse): string | undefined {
  const digest = headers['docker-content-digest']
  return isDigest(digest) ? digest : undefined
}

function isDigest(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9+._-]{1,32}:[0-9a-f]{32,128}$/.test(value)
}

/** The digest of `body`, by the algorithm of `like`: `sha256` where that is none we know. */
export function digestOf(body: Uint8Array, like?: string): string {
  const [algorithm = ''] = (like ?? '').split(':')
  const known = ['sha256', 'sha384', 'sha512'].includes(algorithm) ? algorithm : 'sha256'
  return `${known}:${createHash(known).update(body).digest('hex')}`
}

/** @throws {PullpassError} `ERR_CONTENT_CORRUPT` when `body` is not what the digest says. */
export function verifyDigest(body: Uint8Array, expected: string, what: string): void {
  const found = digestOf(body, expected)
  if (found === expected) return
  throw new PullpassError('ERR_CONTENT_CORRUPT', `${what} has the digest ${found}, expected ${expected}`, {
    hint: 'Push the image again; or look for a cache or a proxy in between that changes what passes through it.',
  })
}

/**
 * Reads a manifest or an index.
 *
 * @throws {PullpassError} `ERR_REGISTRY_FAULT` for what is neither, and for schema 1.
 */
export function readManifest(response: HttpResponse, what: string): Manifest {
  const value = readObject(response.body, what)
  if (value['schemaVersion'] === 1) {
    throw new PullpassError('ERR_REGISTRY_FAULT', `${what} is of schema 1, the format before 2016`, {
      hint: 'No current engine pulls it. Build the image anew, or have a current engine push it again.',
    })
  }
  const mediaType = stringIn(value, 'mediaType') ?? contentType(response)
  if (Array.isArray(value['manifests'])) {
    return { kind: 'index', mediaType, manifests: value['manifests'].flatMap(readDescriptor) }
  }
  const [config] = readDescriptor(value['config'])
  const layers = Array.isArray(value['layers']) ? value['layers'].flatMap(readDescriptor) : []
  const size = [...(config ? [config] : []), ...layers].reduce((sum, layer) => sum + layer.size, 0)
  return { kind: 'image', mediaType, size, ...(config && { config }) }
}

/** The platform in an image's configuration, where it says one. */
export function platformOfConfig(body: Uint8Array, what: string): string | undefined {
  return platformName(readObject(body, what))
}

/** Whether `found` is what `wanted` asks for; where that has no variant, any will do. */
export function isPlatform(found: string | undefined, wanted: string): boolean {
  return found !== undefined && (found === wanted || found.startsWith(`${wanted}/`))
}

function readDescriptor(value: unknown): Descriptor[] {
  if (typeof value !== 'object' || value === null) return []
  const { digest, size, platform } = value as Record<string, unknown>
  // It becomes part of a URL.
  if (!isDigest(digest)) return []
  const isNamed = typeof platform === 'object' && platform !== null
  const name = isNamed ? platformName(platform as Record<string, unknown>) : undefined
  return [{ digest, size: typeof size === 'number' ? size : 0, ...(name !== undefined && { platform: name }) }]
}

/** Attestations, which are for `unknown/unknown`, are for nobody. */
function platformName(value: Record<string, unknown>): string | undefined {
  const parts = ['os', 'architecture', 'variant'].map((field) => stringIn(value, field))
  const [os, architecture, variant] = parts
  if (os === undefined || architecture === undefined || os === 'unknown') return undefined
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`
}

function contentType({ headers }: HttpResponse): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]?.trim() ?? ''
}

function readObject(body: Uint8Array, what: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Said below.
  }
  throw new PullpassError('ERR_REGISTRY_FAULT', `${what} is not a JSON object`, {
    hint: 'Look at what answers there; a proxy or a login page in front of the registry is a common reason.',
  })
}

function stringIn(value: Record<string, unknown>, field: string): string | undefined {
  const found = value[field]
  return typeof found === 'string' && found !== '' ? found : undefined
}
