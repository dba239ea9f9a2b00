import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { developmentTool, root, run } from './support/run.js'
import { readJson } from './support/setup.js'

/** Licences that ask for no more than to be named. */
const permissive = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Python-2.0',
  'Unlicense',
]

/** Of what pullpass is made and checked with, and never shipped. */
const forDevelopment = [...permissive, 'CC-BY-4.0', 'MPL-2.0', 'PSF-2.0']

/** MIT, all three, in a field that npm no longer reads. */
const notInTheLock = ['node_modules/buildcheck', 'node_modules/cpu-features', 'node_modules/ssh2']

interface LockedPackage {
  readonly license?: string
  readonly dev?: boolean
  readonly devOptional?: boolean
}

const { packages } = await readJson<{ packages: Record<string, LockedPackage> }>(join(root, 'package-lock.json'))
const all = Object.entries(packages).filter(([path]) => path !== '' && !notInTheLock.includes(path))
const production = all.filter(([, { dev, devOptional }]) => !dev && !devOptional)

function others(from: readonly (readonly [string, LockedPackage])[], allowed: readonly string[]): string[] {
  const wrong = from.filter(([, { license = '' }]) => !allowed.includes(license))
  return wrong.map(([path, { license = 'no licence' }]) => `${path}: ${license}`)
}

describe('dependencies', () => {
  it('have permissive licences, all that are installed with pullpass', () => {
    expect(production.length).toBeGreaterThan(20)
    expect(others(production, permissive)).toEqual([])
  })

  it('have licences that allow developing with them', () => {
    expect(others(all, forDevelopment)).toEqual([])
  })

  it('are all used, and so are all files and exports', async () => {
    const { status, stdout, stderr } = await run(developmentTool('knip'), [], { cwd: root })
    expect(status, stdout + stderr).toBe(0)
  })
})
