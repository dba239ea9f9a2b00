import fc from 'fast-check'

// Names as the grammar builds them: valid by construction.

const letters = characters('abcxyz')
const word = fc.string({ unit: fc.constantFrom(...letters, ...characters('0189')), minLength: 1, maxLength: 6 })
const separator = fc.constantFrom('.', '_', '__', '-', '---')

/** `a`, `a.b`, `a__b-c` */
const component = fc
  .tuple(word, fc.array(fc.tuple(separator, word), { maxLength: 2 }))
  .map(([first, rest]) => first + rest.flat().join(''))

const path = fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))

const label = fc
  .tuple(fc.constantFrom(...letters, 'A', '0'), fc.string({ unit: fc.constantFrom('b', 'Z', '7', '-'), maxLength: 4 }))
  .map(([first, rest]) => `${first}${rest}e`)

const port = fc.integer({ min: 1, max: 65535 }).map(String)
const withPort = (host: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(host, fc.option(port)).map(([name, number]) => (number === null ? name : `${name}:${number}`))

/** Hosts that Docker takes for one: with a dot, a port or a capital letter, or `localhost`. */
const registries: fc.Arbitrary<string> = fc.oneof(
  withPort(fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.'))),
  withPort(fc.ipV4()),
  withPort(
    fc
      .ipV6()
      .filter((address) => !address.includes('.'))
      .map((address) => `[${address}]`),
  ),
  fc.tuple(label, port).map(([name, number]) => `${name}:${number}`),
  label.map((name) => `A${name}`),
  fc.constantFrom('localhost', 'docker.io', 'index.docker.io', 'registry-1.docker.io'),
)

const tag = fc
  .tuple(
    fc.constantFrom(...letters, 'V', '1', '_'),
    fc.string({ unit: fc.constantFrom(...characters('aZ0_.-')), maxLength: 12 }),
  )
  .map((parts) => parts.join(''))

const digest = fc
  .constantFrom(['sha256', 64] as const, ['sha384', 96] as const, ['sha512', 128] as const)
  .chain(([algorithm, length]) =>
    fc
      .string({ unit: fc.constantFrom(...characters('0123456789abcdef')), minLength: length, maxLength: length })
      .map((digits) => `${algorithm}:${digits}`),
  )

/** What may follow a name: nothing, a tag, a digest, or both. */
const suffixes: fc.Arbitrary<string> = fc
  .tuple(fc.option(tag), fc.option(digest))
  .map(([name, hash]) => (name === null ? '' : `:${name}`) + (hash === null ? '' : `@${hash}`))

/** Image names without a registry. */
export const shortNames: fc.Arbitrary<string> = fc
  .tuple(path, suffixes)
  .filter(([name]) => !name.startsWith('localhost/') && !/^[^/]*\.[^/]*\//.test(name))
  .map((parts) => parts.join(''))

/** Image names with a registry. */
export const fullNames: fc.Arbitrary<string> = fc
  .tuple(registries, path, suffixes)
  .map(([registry, name, suffix]) => `${registry}/${name}${suffix}`)

/** Servers as an operator may write them. */
export const servers: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('', '', 'https://', 'http://', 'HTTPS://', ' '),
    registries,
    fc.oneof(
      fc.constantFrom('', '/', '//', '/v2/', '/v1'),
      path.map((name) => `/${name}`),
      path.map((name) => `/${name}/`),
    ),
    fc.constantFrom('', ' ', '\n'),
  )
  .map((parts) => parts.join(''))

function characters(text: string): string[] {
  return Array.from(text)
}
