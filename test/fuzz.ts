// Two million inputs against everything that reads text from outside: `npm run fuzz`, or FUZZ_RUNS=1000 npm run fuzz.
// Only PullpassError is ever thrown, and what is read and written again is the same. The seed is printed; FUZZ_SEED
// repeats a run.
import fc from 'fast-check'
import {
  decodeAuth,
  encodeAuth,
  familiarImageReference,
  formatImageReference,
  hasRegistry,
  lookupDockerConfig,
  parseDockerConfig,
  parseImageReference,
  PullpassError,
  resolveImage,
} from 'pullpass'

const runs = Number(process.env['FUZZ_RUNS'] ?? 2_000_000)
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_121)

/** Pieces of real names, so that many inputs are almost right. */
const piece = fc.oneof(
  fc.constantFrom(
    'alpine',
    'docker.io',
    'index.docker.io',
    'library',
    'localhost',
    'Registry',
    'a',
    '0',
    'a-b',
    'x__y',
  ),
  fc.constantFrom(
    '/',
    ':',
    '@',
    '.',
    '-',
    '_',
    '[',
    ']',
    '::1',
    '5000',
    'sha256:',
    'sha512:',
    'https://',
    ' ',
    '%',
    '\0',
  ),
  fc.constantFrom('f'.repeat(64), '0'.repeat(128), 'a'.repeat(255), 'latest', 'v1.0', 'é', '＠', '\ud800', 'K'),
  fc.string({ unit: 'binary', maxLength: 4 }),
)
const name = fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(''))
const auth = fc.oneof(
  name.map((text) => Buffer.from(text).toString('base64')),
  name,
  fc.base64String(),
)
const config = fc.oneof(
  name,
  fc.json(),
  fc
    .dictionary(name, fc.record({ auth, username: name, password: name, identitytoken: name }, { requiredKeys: [] }))
    .map((auths) => JSON.stringify({ auths })),
)

/** What `read` returns, or undefined where it refuses the input as it should. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof PullpassError) return undefined
    throw error
  }
}

function same(one: unknown, other: unknown): void {
  if (JSON.stringify(one) !== JSON.stringify(other)) {
    throw new Error(`${JSON.stringify(one)} is not ${JSON.stringify(other)}`)
  }
}

const checks = {
  'image names': fc.property(name, (input) => {
    hasRegistry(input)
    const reference = attempt(() => parseImageReference(input))
    if (!reference) return
    familiarImageReference(reference)
    same(parseImageReference(formatImageReference(reference)), reference)
  }),
  'images on a registry': fc.property(name, name, (image, server) => {
    const resolved = attempt(() => resolveImage(image, { server }))
    if (resolved !== undefined) same(resolveImage(resolved, { server }), resolved)
  }),
  'auth fields': fc.property(auth, (input) => {
    const decoded = attempt(() => decodeAuth(input))
    const encoded = decoded && attempt(() => encodeAuth(decoded))
    if (encoded !== undefined) same(decodeAuth(encoded), decoded)
  }),
  'docker configs': fc.property(config, name, (input, registry) => {
    const parsed = attempt(() => parseDockerConfig(input))
    if (!parsed) return
    for (const key of [registry, ...Object.keys(parsed.auths)]) attempt(() => lookupDockerConfig(parsed, key))
  }),
}

/** Of each check's share of the runs; the slow ones get less. */
const shares = { 'image names': 0.5, 'images on a registry': 0.3, 'auth fields': 0.15, 'docker configs': 0.05 }

console.log(`${runs} inputs, seed ${seed}`)
for (const [title, check] of Object.entries(checks)) {
  const numRuns = Math.ceil(runs * shares[title as keyof typeof shares])
  const started = performance.now()
  fc.assert(check as fc.IProperty<unknown>, { numRuns, seed })
  console.log(`${title}: ${numRuns} inputs, ${((performance.now() - started) / 1000).toFixed(1)} s`)
}
