import { PullpassError } from '../errors.js'
import { formatImageReference, type ImageReference } from '../reference/index.js'
import type { HttpResponse } from './http.js'
import {
  acceptedManifests,
  type Descriptor,
  digestIn,
  digestOf,
  isPlatform,
  type Manifest,
  platformOfConfig,
  readManifest,
  verifyDigest,
} from './manifest.js'
import { pullScope } from './scopes.js'
import type { Call, RegistrySession } from './session.js'
import type { PullCheck } from './types.js'

/** An image, and whom to ask about it. */
export interface Inquiry {
  readonly reference: ImageReference
  readonly session: RegistrySession
  readonly call: Call
}

/** The digest that the reference stands for: by HEAD, by GET where the registry does not do that. */
export async function findDigest(inquiry: Inquiry): Promise<string> {
  const { reference } = inquiry
  const pointer = reference.digest ?? reference.tag ?? 'latest'
  const head = await readManifestOf(inquiry, pointer, 'HEAD')
  const digest = head.status === 200 ? digestIn(head) : undefined
  if (digest !== undefined) return expectDigest(digest, reference)
  const { body } = await readManifestOf(inquiry, pointer, 'GET')
  return expectDigest(digestOf(body, reference.digest), reference)
}

/** Reads what an engine reads before it turns to the layers. */
export async function checkImage(inquiry: Inquiry, wanted: string | undefined): Promise<PullCheck> {
  const { reference, call } = inquiry
  const image = formatImageReference(reference)
  const digest = await findDigest(inquiry)
  const top = await fetchManifest(inquiry, digest)
  const about = { image, digest, mediaType: top.mediaType, source: call.found.source }
  if (top.kind === 'image') {
    const platform = await fetchPlatform(inquiry, top.config)
    if (wanted !== undefined && platform !== undefined && !isPlatform(platform, wanted)) {
      throw noSuchPlatform(image, wanted, [platform])
    }
    return { ...about, size: top.size, ...(platform !== undefined && { platforms: [platform] }) }
  }
  const platforms = top.manifests.flatMap(({ platform }) => platform ?? [])
  const chosen = top.manifests.find(({ platform }) =>
    wanted === undefined ? platform !== undefined : isPlatform(platform, wanted),
  )
  if (chosen === undefined && wanted !== undefined) throw noSuchPlatform(image, wanted, platforms)
  const manifest = chosen && (await fetchManifest(inquiry, chosen.digest, true))
  if (manifest?.kind === 'image') await fetchPlatform(inquiry, manifest.config)
  const size = wanted !== undefined && manifest?.kind === 'image' ? { size: manifest.size } : {}
  return { ...about, ...size, ...(platforms.length > 0 && { platforms }) }
}

async function fetchManifest(inquiry: Inquiry, digest: string, isPart = false): Promise<Manifest> {
  const what = `The manifest of ${formatImageReference(inquiry.reference)}`
  const response = await readManifestOf(inquiry, digest, 'GET', isPart)
  const manifest = readManifest(response, what)
  verifyDigest(response.body, digest, what)
  return manifest
}

/** Reads an image's configuration, which proves that its blobs can be had, and the platform in it. */
async function fetchPlatform(inquiry: Inquiry, config: Descriptor | undefined): Promise<string | undefined> {
  if (config === undefined) return undefined
  const { reference, session, call } = inquiry
  const what = `The configuration of ${formatImageReference(reference)}`
  const path = `/v2/${reference.repository}/blobs/${config.digest}`
  const scope = pullScope(reference.repository)
  const { body } = await session.request(
    { method: 'GET', path, scope, what: `${reference.repository}@${config.digest}`, isPart: true },
    call,
  )
  verifyDigest(body, config.digest, what)
  return platformOfConfig(body, what)
}

function readManifestOf(
  { reference, session, call }: Inquiry,
  pointer: string,
  method: 'GET' | 'HEAD',
  isPart = false,
): Promise<HttpResponse> {
  const { repository } = reference
  const ask = {
    method,
    isPart,
    path: `/v2/${repository}/manifests/${pointer}`,
    accept: acceptedManifests,
    scope: pullScope(repository),
    what: pointer.includes(':') ? `${repository}@${pointer}` : `${repository}:${pointer}`,
    ...(method === 'HEAD' && { tolerated: [405] }),
  }
  return session.request(ask, call)
}

function expectDigest(digest: string, reference: ImageReference): string {
  if (reference.digest === undefined || reference.digest === digest) return digest
  const image = formatImageReference(reference)
  throw new PullpassError('ERR_CONTENT_CORRUPT', `${reference.registry} has ${digest} for ${image}`, {
    hint: 'Only whoever runs the registry can correct that; look for a cache or a proxy in between, too.',
  })
}

function noSuchPlatform(image: string, wanted: string, platforms: readonly string[]): PullpassError {
  const there = platforms.length === 0 ? 'none that it names' : platforms.join(', ')
  return new PullpassError('ERR_PLATFORM_MISMATCH', `${image} is not for ${wanted}, but for: ${there}`, {
    hint: `Have the image built for ${wanted}, or ask for a platform that it is for.`,
  })
}
