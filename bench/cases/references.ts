import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { parseAll } from '@swimlane/docker-reference'
import dockerParseImage from 'docker-parse-image'
import { ImageName } from 'testcontainers/build/container-runtime/image-name.js'
import { parseImageReference } from '../../dist/reference/index.js'
import { type Contender, compare } from '../measure.ts'

// It sets this one to Infinity for the whole process, which would slow down everybody's errors.
const { stackTraceLimit } = Error
const parseDockerImageName = createRequire(import.meta.url)('parse-docker-image-name') as (
  image: string,
) => Partial<Record<'domain' | 'path' | 'tag' | 'digest', string>>
Error.stackTraceLimit = stackTraceLimit

interface Vector {
  readonly input: string
  readonly domain?: string
  readonly path?: string
  readonly tag?: string
  readonly digest?: string
  readonly error?: string
}

/** What a parser made of a name: undefined or an error for "not valid". */
type Parts = Omit<Vector, 'input' | 'error'> | undefined

const vectors = JSON.parse(
  readFileSync(new URL('../../test/vectors/image-references.json', import.meta.url), 'utf8'),
) as Vector[]
const valid = vectors.filter((vector) => vector.error === undefined).map((vector) => vector.input)
const invalid = vectors.filter((vector) => vector.error !== undefined).map((vector) => vector.input)
const typical = [
  'alpine',
  'nginx:1.27',
  'opencti/connector-misp:6.4.2',
  'ghcr.io/opencti-platform/connector-example:latest',
  'registry.example.com:5000/security/opencti/connector-mitre:6.4.2',
  'localhost:5000/connector-misp:5.0.0',
  '123456789012.dkr.ecr.eu-west-1.amazonaws.com/platform/worker:2024-11-05',
  `quay.io/prometheus/node-exporter@sha256:${'4cb2b9019f1757be8482419002cb7afe'.repeat(2)}`,
]

const parsers: Record<string, (input: string) => unknown> = {
  pullpass: parseImageReference,
  'docker-parse-image': dockerParseImage,
  'testcontainers ImageName': (input) => ImageName.fromString(input),
  '@swimlane/docker-reference': parseAll,
  'parse-docker-image-name': parseDockerImageName,
}

// What each calls its parts. Docker's defaults (docker.io, library/) are filled in for those that leave them out, and
// `latest` is taken away from the one that adds it.
const parts: Record<string, (input: string) => Parts> = {
  pullpass: (input) => {
    const { registry, repository, ...rest } = parseImageReference(input)
    return { domain: registry, path: repository, ...rest }
  },
  'docker-parse-image': (input) => {
    const found = dockerParseImage(input)
    if (!found) return undefined
    const { registry, namespace, repository, tag } = found
    const isDigest = tag?.includes(':')
    return withDefaults(registry, namespace ? `${namespace}/${repository}` : repository, isDigest ? null : tag, isDigest ? tag : null)
  },
  'testcontainers ImageName': (input) => {
    const { registry, image, tag, digest } = ImageName.fromString(input)
    const isAdded = tag === digest || (tag === 'latest' && !input.endsWith(':latest') && !input.includes(':latest@'))
    return withDefaults(registry, image, isAdded ? undefined : tag, digest)
  },
  '@swimlane/docker-reference': (input) => {
    const { domain, repository, tag, digest } = parseAll(input)
    return withDefaults(domain, repository, tag, digest)
  },
  'parse-docker-image-name': (input) => {
    const { domain, path, tag, digest } = parseDockerImageName(input)
    return withDefaults(domain, path, tag, digest)
  },
}

export const title = 'Image references: names a second, beside the share of right answers on the recorded vectors'

export function run(): Promise<Record<string, string | number>[]> {
  const speeds = [typical, valid, invalid].map((inputs) => {
    return compare(Object.fromEntries(Object.entries(parsers).map(([name, parse]) => [name, over(inputs, parse)])))
  })
  const rows = Object.keys(parsers).map((name) => {
    const [typicalRate, validRate, invalidRate] = speeds.map((speed) => speed[name]!)
    return {
      parser: name,
      'typical/s': Math.round(typicalRate!),
      'pullpass is (typical)': times(speeds[0]!['pullpass']! / typicalRate!),
      'valid/s': Math.round(validRate!),
      'pullpass is (valid)': times(speeds[1]!['pullpass']! / validRate!),
      'invalid/s': Math.round(invalidRate!),
      'right on valid': share(vectors.filter((vector) => vector.error === undefined), parts[name]!),
      'right on invalid': share(vectors.filter((vector) => vector.error !== undefined), parts[name]!),
      'right on all': share(vectors, parts[name]!),
    }
  })
  return Promise.resolve(rows)
}

/** One name at a time, so that a slow parser's turn is no longer than a fast one's. */
function over(inputs: readonly string[], parse: (input: string) => unknown): Contender {
  let next = 0
  return () => {
    const input = inputs[next]!
    next = next + 1 === inputs.length ? 0 : next + 1
    try {
      return parse(input)
    } catch {
      return null
    }
  }
}

function share(of: readonly Vector[], parse: (input: string) => Parts): string {
  const right = of.filter((vector) => {
    let found: Parts
    try {
      found = parse(vector.input)
    } catch {
      found = undefined
    }
    if (found === undefined || vector.error !== undefined) return found === undefined && vector.error !== undefined
    return (
      found.domain === (vector.domain ?? '') &&
      found.path === vector.path &&
      found.tag === vector.tag &&
      found.digest === vector.digest
    )
  })
  return `${((100 * right.length) / of.length).toFixed(1)} %`
}

function withDefaults(
  domain: string | null | undefined,
  path: string | null | undefined,
  tag: string | null | undefined,
  digest: string | null | undefined,
): Parts {
  if (!path) return undefined
  const onHub = !domain || domain === 'docker.io'
  return {
    domain: onHub ? 'docker.io' : domain,
    path: onHub && !path.includes('/') ? `library/${path}` : path,
    ...(tag && { tag }),
    ...(digest && { digest }),
  }
}

function times(ratio: number): string {
  return `${ratio.toFixed(2)} x as fast`
}
