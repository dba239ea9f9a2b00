import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { entryPoints } from './entry-points.js'
import { bundleAsCommonJs, bundleProgram, measure, type Measurement } from './support/bundle.js'
import { newConsumer } from './support/consumer.js'
import { root, run } from './support/run.js'
import { readJson } from './support/setup.js'

const { scratch, tarball, unpacked, nodes } = inject('parcel')
const consumer = join(scratch, 'bundles')
const oldestNode = join(nodes['22.19'], 'node')
const measured = new Map<string, Measurement>()

beforeAll(async () => {
  await newConsumer(consumer, tarball, ['dockerode', '@kubernetes/client-node'])
  for (const { name } of entryPoints) measured.set(name, await measure(unpacked, name))
  console.log(table())
})

/** As README.md has it. */
function row(name: string): string {
  const what = entryPoints.find((entryPoint) => entryPoint.name === name)?.what ?? ''
  return `| \`${name}\` | ${what} | ${((measured.get(name)?.gzip ?? 0) / 1000).toFixed(1)} kB |`
}

function table(): string {
  const rows = entryPoints.map(({ name, limit }) => {
    const { minified = 0, gzip = 0, packages = [] } = measured.get(name) ?? {}
    return `${name.padEnd(22)}${minified.toString().padStart(9)}${gzip.toString().padStart(9)}${limit.toString().padStart(9)}  ${packages.join(' ')}`
  })
  return [`${'entry point'.padEnd(22)} minified     gzip    limit  packages`, ...rows].join('\n')
}

describe('the table of entry points', () => {
  it('has all of them', async () => {
    const { exports } = await readJson<{ exports: object }>(join(unpacked, 'package.json'))
    const names = Object.keys(exports).filter((key) => !key.endsWith('.json'))
    expect(entryPoints.map(({ name }) => name)).toEqual(names.map((key) => join('pullpass', key)))
  })

  it('stands in README.md, within 10 % of what was measured', async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8')
    const wrong = entryPoints.filter(({ name }) => {
      const line = readme.split('\n').find((text) => text.startsWith(`| \`${name}\` `))
      const said = Number(/ ([\d.]+) kB +\|$/.exec(line ?? '')?.[1]) * 1000
      return !(Math.abs(said / (measured.get(name)?.gzip ?? 0) - 1) <= 0.1)
    })
    expect(wrong.map(({ name }) => row(name)).join('\n')).toBe('')
  })
})

describe.each(entryPoints)('$name', ({ name, limit, packages }) => {
  it(`weighs no more than ${limit} bytes`, () => {
    expect(measured.get(name)?.gzip).toBeLessThanOrEqual(limit)
  })

  it(`reaches ${packages.length === 0 ? 'no package' : packages.join(', ')}, and no other`, () => {
    expect(measured.get(name)?.packages).toEqual(packages)
  })

  it('works in a bundle for a server', async () => {
    const program = join(consumer, `${name === 'pullpass' ? 'index' : basename(name)}.ts`)
    const bundle = await bundleProgram(program)
    expect(await run(oldestNode, [bundle], { cwd: consumer })).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  it('loads in a bundle of CommonJS', async () => {
    const bundle = await bundleAsCommonJs(name, consumer)
    expect(await run(oldestNode, [bundle], { cwd: consumer })).toEqual({ status: 0, stdout: 'true\n', stderr: '' })
  })
})
