import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { developmentTool, root, run } from './support/run.js'
import { readJson } from './support/setup.js'

const { scratch, tarball, unpacked } = inject('parcel')

/** The files of a folder and the folders in it, as paths with `/`. */
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort()
}

interface Manifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

interface SourceMap {
  readonly sources: readonly string[]
  readonly sourcesContent?: readonly (string | null)[]
}

describe('the packed files', () => {
  it('are what is built from src, and what a reader wants to see', async () => {
    const modules = (await filesOf(join(root, 'src'))).map((file) => `dist/${file.replace(/\.ts$/, '')}`)
    expect(modules.length).toBeGreaterThan(100)
    const built = modules.flatMap((module) => [`${module}.d.ts`, `${module}.js`, `${module}.js.map`])
    const texts = ['CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'SECURITY.md']
    const guides = (await readdir(join(root, 'docs'))).filter((file) => file.endsWith('.md'))
    const docs = [...guides, 'opencti.schema.json'].map((file) => `docs/${file}`)
    const expected = [...texts, ...docs, 'package.json', ...built]
    expect(await filesOf(unpacked)).toEqual(expected.sort())
  })

  it('are there for every entry point', async () => {
    const { exports } = await readJson<Manifest>(join(unpacked, 'package.json'))
    const targets = Object.values(exports).flatMap((to) => (typeof to === 'string' ? [to] : Object.values(to)))
    const files = (await filesOf(unpacked)).map((file) => `./${file}`)
    expect(targets.length).toBeGreaterThan(20)
    expect(files).toEqual(expect.arrayContaining(targets))
  })

  it('have source maps with the sources in them', async () => {
    const maps = (await filesOf(unpacked)).filter((file) => file.endsWith('.map'))
    const without = []
    for (const file of maps) {
      const { sources, sourcesContent = [] } = await readJson<SourceMap>(join(unpacked, file))
      if (!sources.every((_source, index) => sourcesContent[index])) without.push(file)
    }
    expect(maps.length).toBeGreaterThan(100)
    expect(without).toEqual([])
  })

  it('name no folder of the machine that made them', async () => {
    const naming = []
    for (const file of await filesOf(unpacked)) {
      const text = await readFile(join(unpacked, file), 'utf8')
      if (text.includes(root) || text.includes(scratch)) naming.push(file)
    }
    expect(naming).toEqual([])
  })
})

describe('the parcel', () => {
  it.each([
    { tool: 'publint', args: ['--strict', tarball] },
    { tool: 'attw', args: [tarball, '--profile', 'esm-only'] },
  ])('is without a finding of $tool', async ({ tool, args }) => {
    const { status, stdout, stderr } = await run(developmentTool(tool), args, { cwd: scratch })
    expect(status, stdout + stderr).toBe(0)
  })
})
