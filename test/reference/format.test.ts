import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { familiarImageReference, formatImageReference, parseImageReference } from '../../src/reference/index.js'
import { fullNames, shortNames } from './names.js'

describe('formatImageReference', () => {
  it('writes what is read back as the same, and the same text then', () => {
    fc.assert(
      fc.property(fc.oneof(shortNames, fullNames), (image) => {
        const reference = parseImageReference(image)
        const text = formatImageReference(reference)
        expect(parseImageReference(text)).toStrictEqual(reference)
        expect(formatImageReference(parseImageReference(text))).toBe(text)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('familiarImageReference', () => {
  it.each([
    ['docker.io/library/alpine:3.18', 'alpine:3.18'],
    ['docker.io/library/team/app', 'library/team/app'],
    ['docker.io/team/app', 'team/app'],
    ['quay.io/library/app', 'quay.io/library/app'],
    ['localhost/app', 'localhost/app'],
  ])('%s is %s', (image, familiar) => {
    expect(familiarImageReference(parseImageReference(image))).toBe(familiar)
  })

  it('is as misleading as Docker where a path on Docker Hub begins like a host', () => {
    expect(familiarImageReference(parseImageReference('docker.io/a.b/c'))).toBe('a.b/c')
  })

  it('gives back a short name as it was written', () => {
    fc.assert(
      fc.property(shortNames, (image) => {
        fc.pre(!/^library\/[^/]*$/.test(image))
        expect(familiarImageReference(parseImageReference(image))).toBe(image)
      }),
    )
  })
})
