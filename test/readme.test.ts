import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

const block = /<!-- (examples\/\S+) -->\n\n```\w+\n([\s\S]*?)```/g

describe('README.md', () => {
  const blocks = [...read('README.md').matchAll(block)]

  it('shows programs for Docker and for Kubernetes', () => {
    expect(blocks.map(([, file]) => file)).toEqual(
      expect.arrayContaining(['examples/docker.ts', 'examples/kubernetes.ts', 'examples/opencti.yaml']),
    )
  })

  it.each(blocks.map(([, file = '', text = '']) => ({ file, text })))('shows $file as it is', ({ file, text }) => {
    expect(text).toBe(read(file))
  })

  it('names every entry point', () => {
    const { exports } = JSON.parse(read('package.json')) as { exports: object }
    const named = Object.keys(exports).filter((key) => key !== '.' && key !== './package.json')
    for (const key of named) expect(read('README.md')).toContain(`\`pullpass/${key.slice(2)}\``)
  })
})
