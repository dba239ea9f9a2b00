import { credentialsFrom, type CredentialSource, type ResolvedCredentials } from '../credentials/index.js'
import { describeCredentials } from '../credentials/trace.js'
import { classifyPullFailure } from '../failures/index.js'
import { defaultCredentials } from '../node/default-credentials.js'
import { formatImageReference, hasRegistry, parseImageReference, resolveImage } from '../reference/index.js'
import { parseRegistryServer } from '../settings/server.js'
import type { RegistrySettings, Settings } from '../settings/types.js'
import { createClient, realWorld } from './client.js'
import { explainHop, explainRoutes } from './explain-exchange.js'
import type {
  CredentialExplanation,
  ExplainPullOptions,
  ImageExplanation,
  PullExplanation,
  PullVerdict,
} from './explanation.js'
import type { Hop } from './session.js'

/** What is known so far; written to as the pull goes on. */
interface Progress {
  image: ImageExplanation
  credentials?: ResolvedCredentials
  readonly hops: Hop[]
}

/**
 * Goes the whole way of a pull, up to the layers, and tells it: what the image's name became and by which rule, which
 * sources were asked for credentials and what they said, by which route and with which TLS each server was reached,
 * every request and its answer, and whether the image can be pulled; if not, why and what to do. For the person in
 * front of an ImagePullBackOff. Asks as this process would: an engine or a node elsewhere has routes, certificates and
 * helpers of its own.
 *
 * Nothing is tried again. A failed pull is a verdict, not an error, and so are an image name and settings that are
 * wrong.
 *
 * @throws Nothing but the reason of `signal`, when it is aborted.
 */
export async function explainPull(image: string, options: ExplainPullOptions = {}): Promise<PullExplanation> {
  const { settings, signal } = options
  const progress: Progress = { image: { given: image, rule: 'The name could not be read.' }, hops: [] }
  const verdict = await judge(image, options, progress)
  signal?.throwIfAborted()
  const { credentials, hops } = progress
  return {
    image: progress.image,
    ...(credentials && { credentials: explainCredentials(credentials) }),
    routes: explainRoutes(hops, options),
    exchange: hops.map((hop) => explainHop(hop, credentials?.credentials)),
    verdict,
    warnings: settings?.warnings ?? [],
  }
}

async function judge(image: string, options: ExplainPullOptions, progress: Progress): Promise<PullVerdict> {
  const { settings, platform, signal } = options
  try {
    const resolved = resolveImage(image, settings?.registry)
    const name = formatImageReference(parseImageReference(resolved))
    progress.image = { given: image, resolved: name, rule: ruleFor(image, settings?.registry) }
    const client = createClient(clientOptions(options, progress), {
      ...realWorld,
      onHop: (hop) => progress.hops.push(hop),
    })
    try {
      const { source: _, ...check } = await client.checkPull(resolved, { platform, signal })
      return { pullable: true, ...check }
    } finally {
      await client.close()
    }
  } catch (error) {
    const { code, message, hint, retryable } = classifyPullFailure(error)
    return { pullable: false, code, message, remedy: hint, retryable }
  }
}

function clientOptions(options: ExplainPullOptions, progress: Progress): Parameters<typeof createClient>[0] {
  const { settings, dispatcher, ca, tokenServers, timeout = 60, logger } = options
  const source = options.credentials ?? fromMachine(options)
  return {
    credentials: {
      sources: [],
      refresh: () => undefined,
      resolve: async (reference, { signal } = {}) =>
        (progress.credentials = await credentialsFrom(source, reference, signal)),
    },
    ...(dispatcher ? { dispatcher } : { proxy: settings?.proxy, ca }),
    insecure: insecureHosts(settings),
    retry: { attempts: 0 },
    tokenServers,
    timeout,
    logger,
  }
}

function fromMachine({ settings = {}, env, logger }: ExplainPullOptions): CredentialSource {
  return defaultCredentials(settings, { env, logger })
}

function insecureHosts(settings: Partial<Settings> | undefined): string[] {
  return settings?.registry?.insecure === true ? [parseRegistryServer(settings.registry.server).host] : []
}

function ruleFor(image: string, registry: RegistrySettings | undefined): string {
  if (hasRegistry(image)) {
    const host = image.slice(0, image.indexOf('/'))
    const sign =
      host === 'localhost' ? 'is localhost' : /[.:]/.test(host) ? 'has a dot or a colon' : 'has a capital letter'
    return `The name says its registry: the part before its first slash, '${host}', ${sign}.`
  }
  if (registry === undefined) return 'The name says no registry, and none is configured: it is on Docker Hub.'
  return `The name says no registry, so the configured one, ${registry.server}, goes in front.`
}

function explainCredentials({ credentials, source, trace }: ResolvedCredentials): CredentialExplanation {
  return { source, ...(credentials && { found: describeCredentials(credentials) }), trace }
}
