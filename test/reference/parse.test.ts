import { describe, expect, it } from 'vitest'
import { readFileSync } from 'node:fs'
import { familiarImageReference, formatImageReference, parseImageReference } from '../../src/reference/index.js'
import { refusalOf } from '../support/errors.js'

interface Vector {
  readonly input: string
  readonly error?: string
  /** Absent where the reference implementation finds no registry in a name that looks as if it had one. */
  readonly domain?: string
  readonly path: string
  readonly tag?: string
  readonly digest?: string
  readonly normalized: string
  readonly familiar: string
  readonly dockerRef: string
}

const vectors = JSON.parse(
  readFileSync(new URL('../vectors/image-references.json', import.meta.url), 'utf8'),
) as Vector[]
const valid = vectors.filter((vector) => vector.error === undefined)
const invalid = vectors.filter((vector) => vector.error !== undefined)

describe('the recorded vectors', () => {
  it('are there', () => {
    expect(valid.length).toBeGreaterThan(900)
    expect(invalid.length).toBeGreaterThan(2000)
  })

  it('give the same parts and the same names', () => {
    for (const { input, domain = '', path, tag, digest, normalized, familiar } of valid) {
      const reference = parseImageReference(input)
      expect(reference, input).toStrictEqual({
        registry: domain,
        repository: path,
        ...(tag !== undefined && { tag }),
        ...(digest !== undefined && { digest }),
      })
      expect(formatImageReference(reference), input).toBe(normalized)
      expect(familiarImageReference(reference), input).toBe(familiar)
    }
  })

  it('come to what Docker pulls: by digest where there is one, and latest where nothing is written', () => {
    for (const { input, dockerRef } of valid) {
      const { registry, repository, tag = 'latest', digest } = parseImageReference(input)
      const pulled = { registry, repository, ...(digest === undefined ? { tag } : { digest }) }
      expect(formatImageReference(pulled), input).toBe(dockerRef)
    }
  })

  it('are read again as they were written', () => {
    for (const { input } of valid) {
      const reference = parseImageReference(input)
      expect(parseImageReference(formatImageReference(reference)), input).toStrictEqual(reference)
    }
  })

  it('are refused where the reference implementation refuses', () => {
    for (const { input, error } of invalid) {
      const { code, message } = refusalOf(() => parseImageReference(input), input)
      expect(code, input).toBe('ERR_IMAGE_REFERENCE')
      // A name whose first fault is a capital letter is one to the reference implementation, too.
      if (message.includes('must be lowercase')) expect(error, input).toMatch('must be lowercase')
    }
  })
})

describe('limits of the grammar', () => {
  const hex = 'a'.repeat(128)

  it('takes a repository of 255 characters, with the library/ that is added, and a tag of 128', () => {
    expect(parseImageReference('a'.repeat(247)).repository).toHaveLength(255)
    expect(() => parseImageReference('a'.repeat(248))).toThrow('more than 255 characters')
    expect(parseImageReference(`registry.example.com/${'a'.repeat(255)}`).repository).toHaveLength(255)
    expect(() => parseImageReference(`registry.example.com/${'a'.repeat(256)}`)).toThrow('more than 255 characters')
    expect(parseImageReference(`alpine:${'t'.repeat(128)}`).tag).toHaveLength(128)
    expect(() => parseImageReference(`alpine:${'t'.repeat(129)}`)).toThrow('1 to 128')
  })

  it.each([
    ['sha256', 64],
    ['sha384', 96],
    ['sha512', 128],
  ])('takes a %s digest of %i digits, no more and no fewer', (algorithm, digits) => {
    const digest = `${algorithm}:${hex.slice(0, digits)}`
    expect(parseImageReference(`alpine@${digest}`).digest).toBe(digest)
    expect(parseImageReference(`alpine:3.18@${digest}`)).toMatchObject({ tag: '3.18', digest })
    expect(() => parseImageReference(`alpine@${digest}0`)).toThrow(`'${digest}0`.slice(0, 80))
    expect(() => parseImageReference(`alpine@${digest.slice(0, -1)}`)).toThrow('lower-case hex digits')
    expect(() => parseImageReference(`alpine@${algorithm}:${'A'.repeat(digits)}`)).toThrow('lower-case hex digits')
  })

  it('takes 64 hexadecimal digits for an image ID, unless more is there', () => {
    const id = 'f0'.repeat(32)
    expect(() => parseImageReference(id)).toThrow('must not be an image ID')
    expect(parseImageReference(`${id}:1`).repository).toBe(`library/${id}`)
    expect(parseImageReference(`team/${id}`).repository).toBe(`team/${id}`)
    expect(parseImageReference(id.slice(1)).repository).toBe(`library/${id.slice(1)}`)
  })

  it.each([
    'localhost',
    'LOCALHOST',
    'Registry',
    'a.b',
    '127.0.0.1:80',
    '[::1]',
    '[2001:db8::1]:5000',
    'registry-1.docker.io',
  ])('takes %s for a registry', (registry) => {
    expect(parseImageReference(`${registry}/app`)).toStrictEqual({ registry, repository: 'app' })
  })

  it.each(['localhosts', 'alpine', 'a-b'])('takes %s for a part of the path', (part) => {
    expect(parseImageReference(`${part}/app`)).toStrictEqual({ registry: 'docker.io', repository: `${part}/app` })
  })

  it('reads a first part that cannot be a host as a part of the path, without a registry', () => {
    const reference = parseImageReference('my_reg.com/app:1')
    expect(reference).toStrictEqual({ registry: '', repository: 'my_reg.com/app', tag: '1' })
    expect(formatImageReference(reference)).toBe('my_reg.com/app:1')
    expect(familiarImageReference(reference)).toBe('my_reg.com/app:1')
  })
})

describe('hostile names', () => {
  const million = 1_000_000
  it.each([
    ['letters', `${'a'.repeat(million)}!`],
    ['separators', 'a__'.repeat(million / 3)],
    ['dashes', `a${'-'.repeat(million)}`],
    ['dots in a host', `${'a.'.repeat(million / 2)}:/x`],
    ['slashes', '/'.repeat(million)],
    ['at signs', `a:${'@'.repeat(million)}`],
    ['colons', `${':'.repeat(million)}@`],
    ['capitals', 'A/'.repeat(million / 2)],
    ['digits of a digest', `a@sha256:${'0'.repeat(million)}`],
    ['white space', ' '.repeat(million)],
  ])('of a million %s are refused, in a short message', (_, name) => {
    expect(refusalOf(() => parseImageReference(name)).message.length).toBeLessThan(500)
  })
})
