import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Challenge, parseChallenges } from '../../src/registry/index.js'

interface Vector {
  readonly headers: string[]
  readonly challenges: Challenge[]
}

const vectors = JSON.parse(
  readFileSync(new URL('../vectors/www-authenticate.json', import.meta.url), 'utf8'),
) as Vector[]

describe('parseChallenges', () => {
  it.each(vectors)('reads $headers as Go does', ({ headers, challenges }) => {
    expect(parseChallenges(headers)).toEqual(challenges)
  })

  it('takes one header as a string', () => {
    expect(parseChallenges('Basic realm="r"')).toEqual([{ scheme: 'basic', parameters: { realm: 'r' } }])
  })

  it.each([
    ['Bearer realm="https://a/t",service="s", Basic realm="x"', ['bearer', 'basic']],
    ['Basic realm="x", Bearer realm="https://a/t",scope="repository:a:pull,push"', ['basic', 'bearer']],
    ['Negotiate, NTLM, Basic realm="x"', ['negotiate', 'ntlm', 'basic']],
    ['Negotiate YWJj==, Basic realm="x"', ['negotiate', 'basic']],
    ['Bearer realm=https://a/t, Basic realm="x"', ['bearer', 'basic']],
    ['Digest realm="a, Basic b", Basic realm="x"', ['digest', 'basic']],
    ['Bearer realm="a",,service="b", Basic', ['bearer', 'basic']],
    ['Basic realm = "x", Bearer realm="y"', ['basic', 'bearer']],
    ['Basic realm="x",\tBearer\trealm="y"', ['basic', 'bearer']],
  ])('finds every challenge of %s, of which Go keeps the first', (header, schemes) => {
    expect(parseChallenges(header).map(({ scheme }) => scheme)).toEqual(schemes)
  })

  it('gives each challenge of a line its own parameters', () => {
    expect(parseChallenges('Bearer realm="https://a/t",service="s", Basic realm="x", charset="UTF-8"')).toEqual([
      { scheme: 'bearer', parameters: { realm: 'https://a/t', service: 's' } },
      { scheme: 'basic', parameters: { realm: 'x', charset: 'UTF-8' } },
    ])
  })

  it.each(['Bearer realm="a, Basic realm=b', 'Bearer realm="a\\", Basic realm=b', 'Bearer realm="a", foo:bar'])(
    'sees no challenge in a string that does not end, or in rubbish: %s',
    (header) => {
      expect(parseChallenges(header)).toHaveLength(1)
    },
  )

  it('takes what JavaScript has names for as parameters', () => {
    const [challenge] = parseChallenges('Bearer __proto__="x",constructor="y",realm="z"')
    expect(Object.entries(challenge!.parameters)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
      ['realm', 'z'],
    ])
  })

  it('keeps what a quoted string escapes', () => {
    const [challenge] = parseChallenges(String.raw`Bearer a="\"\\\"",b="x\y\\"`)
    expect(challenge!.parameters).toEqual({ a: String.raw`"\"`, b: 'xy\\' })
  })

  it('reads what it would write', () => {
    const token = fc.stringMatching(/^[a-z0-9-]{1,8}$/)
    const parameters = fc.dictionary(token, fc.string({ minLength: 1 }), {
      minKeys: 1,
      maxKeys: 4,
      noNullPrototype: true,
    })
    const challenges = fc.array(fc.record({ scheme: token, parameters }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(challenges, (written) => {
        const header = written.map(
          ({ scheme, parameters }) => `${scheme} ${Object.entries(parameters).map(quoted).join(', ')}`,
        )
        expect(parseChallenges(header.join(', '))).toEqual(written)
      }),
    )
  })

  it('throws at nothing', () => {
    const piece = fc.constantFrom('Bearer ', 'Basic', '"', '\\', ',', '=', ' ', 'a', '\t', ':', 'é', 'realm="x"')
    fc.assert(fc.property(fc.array(piece), (pieces) => void parseChallenges(pieces.join(''))))
  })

  it.each(['a,', ',', '"', 'a="\\', 'a=b,', ', "', 'a =', ' ', 'a="b",', 'a b,', '\\"'])(
    'reads a megabyte of %j in one go',
    (piece) => {
      // Anything but linear would take hours.
      const header = 'Bearer ' + piece.repeat(1_000_000 / piece.length)
      expect(parseChallenges(header)[0]!.scheme).toBe('bearer')
    },
  )
})

function quoted([name, value]: [string, string]): string {
  return `${name}="${value.replaceAll(/["\\]/g, '\\$&')}"`
}
