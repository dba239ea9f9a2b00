import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

const block = /<!-- (examples\/\S+) -->\n\n```\w+\n([\s\S]*?)```/g
const recipes = ['docker', 'swarm', 'portainer', 'kubernetes', 'behind-a-proxy', 'why-cant-i-pull']

describe('README.md', () => {
  const blocks = [...read('README.md').matchAll(block)]

  it('shows the operator’s configuration and every recipe', () => {
    const files = ['examples/opencti.yaml', ...recipes.map((name) => `examples/${name}.ts`)]
    expect(blocks.map(([, file]) => file)).toEqual(files)
  })

  it.each(blocks.map(([, file = '', text = '']) => ({ file, text })))('shows $file as it is', ({ file, text }) => {
    expect(text).toBe(read(file))
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(20)
  })

  it.each(recipes)('%s.ts is run by a test', (name) => {
    expect(read('test/e2e/recipes.test.ts')).toContain(`'${name}.ts'`)
  })

  it('names every entry point', () => {
    const { exports } = JSON.parse(read('package.json')) as { exports: object }
    const named = Object.keys(exports).filter((key) => key !== '.' && !key.endsWith('.json'))
    for (const key of named) expect(read('README.md')).toContain(`\`pullpass/${key.slice(2)}\``)
  })
})
