import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const src = resolve(import.meta.dirname, '../src')

/** The rooms of `src`, from left to right: a module may import from its own room and from those before it. */
const order = [
  '',
  'settings',
  'reference',
  'credentials',
  'proxy',
  'failures',
  'node',
  'transports',
  'registry',
  'adapters',
]

/** The adapters that the others, and the registry client, build on. */
const transports = ['adapters/undici', 'adapters/agent']

/** Packages and modules of Node that belong to certain rooms alone. */
const allowedIn: Record<string, readonly string[]> = {
  zod: ['settings'],
  undici: ['registry', 'adapters/undici'],
  'proxy-agent': ['adapters/agent'],
  yaml: ['node'],
  'node:fs': ['node'],
  'node:fs/promises': ['node', 'testing'],
  'node:child_process': ['node'],
}

const pure = ['', 'settings', 'reference', 'credentials', 'proxy', 'failures']

/** Imported for their types alone: they are the user's own. */
const peers = ['dockerode', '@kubernetes/client-node']

interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
const imports = files.flatMap(importsOf)

function importsOf(file: string): Import[] {
  const text = readFileSync(join(src, file), 'utf8')
  const statements = text.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm)
  return [...statements].map(([, type, to = '']) => ({ from: file, to, typeOnly: type !== undefined }))
}

/** `adapters/docker` for `adapters/docker/pull.ts`, `reference` for `reference/parse.ts`, '' for `errors.ts`. */
function room(file: string): string {
  const [first = '', second = '', ...rest] = file.split('/')
  if (second === '') return ''
  return first === 'adapters' && rest.length > 0 ? `${first}/${second}` : first
}

function target({ from, to }: Import): string {
  return relative(src, resolve(join(src, dirname(from)), to)).replace(/\.js$/, '.ts')
}

const internal = imports.filter(({ to }) => to.startsWith('.'))
const external = imports.filter(({ to }) => !to.startsWith('.'))
const says = ({ from, to }: Import): string => `${from} imports ${to}`

describe('the rooms of src', () => {
  it('are all there to be checked', () => {
    expect(files.length).toBeGreaterThan(20)
    expect(internal.length).toBeGreaterThan(20)
  })

  it('import only from the left', () => {
    const position = (file: string): number =>
      order.indexOf(transports.includes(room(file)) ? 'transports' : (room(file).split('/')[0] ?? ''))
    const wrong = internal.filter((each) => {
      if (each.from === 'index.ts' || room(each.from) === 'testing') return false
      return position(target(each)) > position(each.from) || room(target(each)) === 'testing'
    })
    expect(wrong.map(says)).toEqual([])
  })

  it('have adapters that do not know each other, transports aside', () => {
    const wrong = internal.filter((each) => {
      const [from, to] = [room(each.from), room(target(each))]
      return from.startsWith('adapters/') && to.startsWith('adapters/') && from !== to && !transports.includes(to)
    })
    expect(wrong.map(says)).toEqual([])
  })

  it('have no cycles', () => {
    const graph = new Map(files.map((file) => [file, internal.filter(({ from }) => from === file).map(target)]))
    const done = new Set<string>()
    const visit = (file: string, path: readonly string[]): string[] => {
      if (path.includes(file)) return [[...path.slice(path.indexOf(file)), file].join(' -> ')]
      if (done.has(file)) return []
      const found = (graph.get(file) ?? []).flatMap((next) => visit(next, [...path, file]))
      done.add(file)
      return found
    }
    expect(files.flatMap((file) => visit(file, []))).toEqual([])
  })

  it('keep each dependency in its room', () => {
    const wrong = external.filter(({ from, to, typeOnly }) => {
      const rooms = allowedIn[to]
      return rooms !== undefined && !typeOnly && !rooms.includes(room(from))
    })
    expect(wrong.map(says)).toEqual([])
  })

  it('know the peers by their types alone', () => {
    expect(external.filter(({ to, typeOnly }) => peers.includes(to) && !typeOnly).map(says)).toEqual([])
  })

  it('are pure up to failures: nothing of Node, and no dependency but zod', () => {
    const wrong = external.filter(({ from, to }) => pure.includes(room(from)) && to !== 'zod')
    expect(wrong.map(says)).toEqual([])
  })

  it('name no dependency that package.json does not', () => {
    const manifest = JSON.parse(readFileSync(join(src, '../package.json'), 'utf8')) as Record<string, object>
    const known = Object.keys({ ...manifest['dependencies'], ...manifest['peerDependencies'] })
    const wrong = external.filter(({ to }) => !to.startsWith('node:') && !known.includes(to))
    expect(wrong.map(says)).toEqual([])
  })

  it('do not look at process.env, node/ aside', () => {
    const wrong = files.filter((file) => room(file) !== 'node' && /process\.env/.test(code(file)))
    expect(wrong).toEqual([])
  })
})

function code(file: string): string {
  return readFileSync(join(src, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
}
