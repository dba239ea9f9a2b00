import { compilePullSecrets, type DockerConfig, parseDockerConfig } from '../../dist/credentials/index.js'

export const title = 'compilePullSecrets: a look-up among more and more entries (at most 3 times the one among 10)'

const SIZES = [10, 100, 1_000, 10_000]
const ROUNDS = 15
const LOOKUPS = 20_000

/** Times the same look-ups, hits and misses, over secrets of each size, in turns, and takes each one's best round. */
export function run(): Promise<Record<string, string | number>[]> {
  const cases = SIZES.map((size) => {
    const config = makeSecret(size)
    const start = performance.now()
    const match = compilePullSecrets([config])
    return { size, match, images: imagesFor(size), compileMs: performance.now() - start, best: Infinity }
  })
  for (let round = 0; round < ROUNDS; round++) {
    for (const one of cases) one.best = Math.min(one.best, nanosecondsPerLookup(one.match, one.images))
  }
  const smallest = cases[0]?.best ?? NaN
  return Promise.resolve(
    cases.map(({ size, best, compileMs }) => ({
      entries: size,
      'ns a look-up': Math.round(best),
      'times that among 10': Number((best / smallest).toFixed(2)),
      'ms to compile': Number(compileMs.toFixed(1)),
    })),
  )
}

/** One in four each: a host, a pattern for a host, a path on a host of its own, a path on one host for all. */
function makeSecret(size: number): DockerConfig {
  const keys = Array.from({ length: size }, (_, index) => {
    const kinds = [
      `r${index}.example.com`,
      `*.t${index}.example.com`,
      `https://p${index}.example.com/v2/team`,
      `shared.example.com/team${index}/`,
    ]
    return kinds[index % kinds.length] ?? ''
  })
  return parseDockerConfig({
    auths: Object.fromEntries(keys.map((key, index) => [key, { username: `user${index}`, password: 'password' }])),
  })
}

/** Eight look-ups, of which one matches each kind of entry and the others none. */
function imagesFor(size: number): string[] {
  const last = size - (size % 4) - 4
  return [
    `r${last}.example.com/team/app:1.0`,
    `eu.t${last + 1}.example.com/team/app:1.0`,
    `p${last + 2}.example.com/team/app:1.0`,
    `shared.example.com/team${last + 3}/app:1.0`,
    'other.example.org/team/app:1.0',
    'eu.t.example.com/team/app:1.0',
    'shared.example.com/other/app:1.0',
    'opencti/connector-misp:6.0.0',
  ]
}

function nanosecondsPerLookup(match: (image: string) => unknown[], images: readonly string[]): number {
  const start = performance.now()
  let found = 0
  for (let done = 0; done < LOOKUPS; done++) found += match(images[done % images.length] ?? '').length
  const elapsed = performance.now() - start
  if (found !== LOOKUPS / 2) throw new Error(`expected ${LOOKUPS / 2} matches, found ${found}`)
  return (elapsed * 1e6) / LOOKUPS
}
