import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { hintFor, meaningOf } from '../../src/failures/hints.js'
import type { PullpassErrorCode } from '../../src/errors.js'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

/** The members of the union, as they stand in the source: types are gone when this runs. */
const union = read('src/errors.ts').split('/** Options of')[0]!
const codes = [...union.matchAll(/\| '(ERR_[A-Z_]+)'/g)].map(([, code]) => code as PullpassErrorCode)
const ofPulls = codes.slice(0, codes.indexOf('ERR_UNKNOWN'))

const rows = read('docs/errors.md')
  .split('\n')
  .filter((line) => line.startsWith('| `ERR_'))
  .map((line) => line.split('|').map((cell) => cell.trim()))

describe('docs/errors.md', () => {
  it('has one row for every code of PullpassErrorCode, and for no other', () => {
    expect(codes.length).toBeGreaterThan(28)
    expect(rows.map(([, code]) => code!.replaceAll('`', '')).sort()).toEqual([...codes].sort())
  })

  it('says of each what it means and what to do', () => {
    for (const [, , meaning, remedy] of rows) {
      expect(meaning).toMatch(/^[A-Z].*\.$/)
      expect(remedy).toMatch(/^[A-Z`].*\.$/)
    }
  })
})

describe('the codes of pulls', () => {
  it.each(ofPulls)('%s has a meaning of its own and a hint', (code) => {
    expect(meaningOf(code)).not.toBe(meaningOf('ERR_SETTINGS'))
    for (const about of [{ retryable: true }, { retryable: false, host: 'r.test:5000', wait: '60 s' }]) {
      expect(hintFor(code, about)).toMatch(/^[A-Z].{20,}\.$/)
    }
  })

  it('have a hint each but for ERR_UNKNOWN', () => {
    expect(ofPulls).toHaveLength(27)
    expect(hintFor('ERR_UNKNOWN', { retryable: false })).toBeUndefined()
  })
})
