import { request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { PullpassError } from '../../errors.js'
import { pullFailureError } from '../../failures/index.js'
import { parseImageReference } from '../../reference/index.js'
import { isSameRegistry } from '../../credentials/server-key.js'
import { kindOf } from '../../kind-of.js'
import { portainerAddress, portainerAgent, type PortainerOptions } from './options.js'

/** A registry whose credentials Portainer keeps. */
export interface PortainerRegistry {
  /** What `portainerRegistryHeader` takes. */
  readonly id: number
  readonly name: string
  /** Host, with a port and a namespace where there is one. `docker.io` for Docker Hub. */
  readonly url: string
  /** Whether Portainer has credentials for it. */
  readonly authentication: boolean
}

/** No list of registries is longer than this, in bytes. */
const MAX_ANSWER = 4 << 20

/**
 * The registries that Portainer offers to an environment.
 *
 * @throws {PullpassError} `ERR_PORTAINER`: the API key is not accepted, may not use the environment, or there is none of
 * that number; a code of `classifyPullFailure` when Portainer cannot be reached.
 */
export async function listPortainerRegistries(
  options: PortainerOptions,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<PortainerRegistry[]> {
  const { url, environment } = portainerAddress(options)
  const agent = portainerAgent(options)
  try {
    const headers = { 'X-API-Key': options.apiKey, accept: 'application/json' }
    const place = new URL(`/${environment}/registries`, url)
    const answer = await getJson(place, { headers, agent, ...(signal && { signal }) })
    if (!Array.isArray(answer)) throw notPortainer()
    return answer.map(readRegistry)
  } finally {
    agent.destroy()
  }
}

/**
 * Chooses the registry whose credentials an image needs: the one on the image's host, and of several the one with the
 * longest namespace that the image is in.
 *
 * @param registries What `listPortainerRegistries` returns.
 * @returns `undefined` where Portainer has no credentials for the image.
 * @throws {PullpassError} `ERR_IMAGE_REFERENCE` for what is no image name.
 */
export function findPortainerRegistry(
  registries: readonly PortainerRegistry[],
  image: string,
): PortainerRegistry | undefined {
  if (!Array.isArray(registries)) throw new TypeError(`registries must be a list, not ${kindOf(registries)}`)
  const { registry, repository } = parseImageReference(image)
  const matching = (registries as readonly PortainerRegistry[])
    .filter(({ authentication }) => authentication)
    .map((each) => ({ each, ...placeOf(each) }))
    .filter(({ host, namespace }) => isSameRegistry(host, registry) && `${repository}/`.startsWith(namespace))
  return matching.sort((a, b) => b.namespace.length - a.namespace.length)[0]?.each
}

/** The namespace ends with a slash; it is empty where there is none. */
function placeOf({ url }: PortainerRegistry): { host: string; namespace: string } {
  const [host = '', ...namespace] = url
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '')
    .split('/')
  return { host, namespace: namespace.map((part) => `${part}/`).join('') }
}

function readRegistry(entry: unknown): PortainerRegistry {
  const { Id, Name, URL: url, Authentication } = (entry ?? {}) as Record<string, unknown>
  if (typeof Id !== 'number' || typeof url !== 'string') throw notPortainer()
  return { id: Id, name: typeof Name === 'string' ? Name : '', url, authentication: Authentication === true }
}

async function getJson(url: URL, options: RequestOptions): Promise<unknown> {
  try {
    const { status, body } = await get(url, options)
    if (status === 200) return JSON.parse(body)
    throw Object.assign(new Error(`(HTTP code ${status})`), { statusCode: status, json: JSON.parse(body) as unknown })
  } catch (error) {
    options.signal?.throwIfAborted()
    if (error instanceof SyntaxError) throw notPortainer()
    const failure = pullFailureError(error)
    throw failure.code === 'ERR_UNKNOWN' ? notPortainer() : failure
  }
}

function get(url: URL, options: RequestOptions): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest
    const outgoing = request(url, options, (response) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        size += chunk.length
        if (size > MAX_ANSWER) response.destroy(notPortainer())
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }))
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

function notPortainer(): PullpassError {
  return new PullpassError('ERR_PORTAINER', 'The answer is not that of Portainer', {
    hint: 'Check that api is the address of Portainer itself, with its path where it is behind one.',
  })
}
