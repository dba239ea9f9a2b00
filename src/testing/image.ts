import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { type Architecture, helloProgram } from './program.js'
import { tarFile } from './tar.js'

/** Something that a registry serves by its digest. */
export interface TestContent {
  readonly digest: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** An image as a registry holds it. */
export interface TestImage {
  /** The image index: what a tag points at. */
  readonly index: TestContent
  /** A manifest for each architecture. */
  readonly manifests: readonly TestContent[]
  /** Configurations and layers. */
  readonly blobs: readonly TestContent[]
}

const INDEX = 'application/vnd.docker.distribution.manifest.list.v2+json'
const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
const CONFIG = 'application/vnd.docker.container.image.v1+json'
const LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip'

/** Options of {@link makeTestImage}. */
export interface TestImageOptions {
  /** What its container prints. At most 60,000 bytes. Default `hello from pullpass\n`. */
  readonly message?: string | undefined
  /** Whether its container then stays until it is killed. Default `false`: it ends. */
  readonly stays?: boolean | undefined
  /** What it runs on. Default amd64 and arm64. */
  readonly architectures?: readonly Architecture[] | undefined
  /** Bytes of a second layer of noise, for pulls that take a while. Default none. */
  readonly padding?: Uint8Array | undefined
}

/**
 * Makes a real image whose container prints a message. Docker image manifest version 2, schema 2: what every
 * engine since 2016 pulls. The same options give the same digests.
 *
 * @throws {TypeError} `message` is too long, or an architecture is none of those.
 */
export function makeTestImage(options: TestImageOptions = {}): TestImage {
  const { message = 'hello from pullpass\n', stays = false, architectures = ['amd64', 'arm64'], padding } = options
  if (!architectures.every((each) => ['amd64', 'arm64'].includes(each)))
    throw new TypeError("architectures must be a list of 'amd64' and 'arm64'")
  const manifests: TestContent[] = []
  const blobs: TestContent[] = []
  const entries = architectures.map((architecture) => {
    const layers = [tarFile('hello', helloProgram(message, architecture, stays), 0o755)]
    if (padding) layers.push(tarFile('padding', padding, 0o644))
    const { manifest, parts } = makeManifest(layers, architecture)
    manifests.push(manifest)
    blobs.push(...parts)
    return { ...descriptor(manifest), platform: { architecture, os: 'linux' } }
  })
  return { index: json(INDEX, { schemaVersion: 2, mediaType: INDEX, manifests: entries }), manifests, blobs }
}

function makeManifest(
  tars: readonly Uint8Array[],
  architecture: string,
): { manifest: TestContent; parts: TestContent[] } {
  const layers = tars.map((tar) => content(LAYER, gzipSync(tar)))
  const config = json(CONFIG, {
    architecture,
    os: 'linux',
    created: '2020-01-01T00:00:00Z',
    config: { Cmd: ['/hello'] },
    rootfs: { type: 'layers', diff_ids: tars.map(digest) },
  })
  const body = { schemaVersion: 2, mediaType: MANIFEST, config: descriptor(config), layers: layers.map(descriptor) }
  return { manifest: json(MANIFEST, body), parts: [config, ...layers] }
}

function descriptor({ mediaType, digest, bytes }: TestContent): { mediaType: string; digest: string; size: number } {
  return { mediaType, digest, size: bytes.length }
}

function json(mediaType: string, value: unknown): TestContent {
  return content(mediaType, new TextEncoder().encode(JSON.stringify(value)))
}

function content(mediaType: string, bytes: Uint8Array): TestContent {
  return { mediaType, bytes, digest: digest(bytes) }
}

function digest(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
