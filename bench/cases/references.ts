import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Script, createContext } from 'node:vm'
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
const valid = vectors.filter((vector) => vector.error === undefined)
const invalid = vectors.filter((vector) => vector.error !== undefined)
const typical = [
  'alpine',
  'nginx:1.27',
  'opencti/connector-misp:6.4.2',
  'ghcr.io/opencti-platform/connector-example:latest',
  'registry.example.com:5000/security/opencti/connector-mitre:6.4.2',
  'localhost:5000/connector-misp:5.0.0',
  '123456789012.dkr.ecr.eu-west-1.amazonaws.com/platform/worker:2024-11-05',
  'quay.io/prometheus/node-exporter@sha256:4cb2b9019f1757be8482419002cb771a40a8f4c3b8f2c0ac1d1c4ab2e1ba1c1f',
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
    return withDefaults(
      registry,
      namespace ? `${namespace}/${repository}` : repository,
      isDigest ? null : tag,
      isDigest ? tag : null,
    )
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

export async function run(): Promise<Record<string, string | number>[]> {
  const onTypical = await speeds(typical)
  const onValid = await speeds(valid.map((vector) => vector.input))
  return Object.keys(parsers).map((name) => {
    const rightOnValid = answers(valid, parts[name]!)
    const rightOnInvalid = answers(invalid, parts[name]!)
    return {
      parser: name,
      'typical names/s': Math.round(onTypical[name]!),
      'pullpass / it': ratio(onTypical['pullpass']! / onTypical[name]!),
      'valid vectors/s': Math.round(onValid[name]!),
      'pullpass / it (valid)': ratio(onValid['pullpass']! / onValid[name]!),
      'right, valid': percent(rightOnValid.right, valid.length),
      'right, invalid': percent(rightOnInvalid.right, invalid.length),
      [`stalls (> ${PATIENCE} ms)`]: rightOnValid.stalls + rightOnInvalid.stalls,
    }
  })
}

async function speeds(inputs: readonly string[]): Promise<Record<string, number>> {
  const contenders: Record<string, Contender> = {}
  for (const [name, parse] of Object.entries(parsers)) {
    const { loop } = (await import(`../loop.ts?${name}`)) as typeof import('../loop.ts')
    contenders[name] = loop(inputs, parse)
  }
  return compare(contenders)
}

/** A regular expression that backtracks may take hours; it gets this long, in milliseconds. */
const PATIENCE = 200

function answers(of: readonly Vector[], parse: (input: string) => Parts): { right: number; stalls: number } {
  const call = { parse, input: '', found: undefined as Parts }
  const script = new Script('found = parse(input)')
  const context = createContext(call)
  let right = 0
  let stalls = 0
  for (const vector of of) {
    call.input = vector.input
    call.found = undefined
    try {
      script.runInContext(context, { timeout: PATIENCE })
      if (isRight(vector, call.found)) right++
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') stalls++
      else if (vector.error !== undefined) right++
    }
  }
  return { right, stalls }
}

function isRight(vector: Vector, found: Parts): boolean {
  if (found === undefined || vector.error !== undefined) return found === undefined && vector.error !== undefined
  return (
    found.domain === (vector.domain ?? '') &&
    found.path === vector.path &&
    found.tag === vector.tag &&
    found.digest === vector.digest
  )
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

function ratio(value: number): number {
  return Number(value.toFixed(2))
}

function percent(right: number, of: number): string {
  return `${((100 * right) / of).toFixed(1)} %`
}
