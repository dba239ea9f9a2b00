// What README.md and docs/*.md show is true as far as a machine can tell.
//
// - Every ```ts block is type-checked with the options of tsconfig.json, against the types in dist/ (`npm test` builds
//   them). A block is complete: it has its imports, and may await at its top level. One whose first line begins with
//   `// …` goes on where the block before it on that page ended.
// - A block below `<!-- examples/FILE -->` is that file.
// - A block that imports node:test is a test, and is run.
// - Every ```yaml block with the key `opencti` is a configuration that parses, without a key that nobody knows, and that
//   the JSON Schema takes.
// - Every relative link leads to a file, and its #fragment to a heading or an anchor (`<a id="…">`) there.
//
// Code that is not meant to compile, such as what somebody migrates from, is ```js.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { parseOpenCtiSettings } from '../src/settings/index.js'
import { schemaProblems } from './settings/configurations.js'

interface Block {
  readonly language: string
  /** Number of its first line on the page, from 1. */
  readonly line: number
  readonly lines: readonly string[]
}

const root = join(import.meta.dirname, '..')
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
)
const linesOf = (page: string): string[] => readFileSync(join(root, page), 'utf8').split('\n')

function blocksOf(page: string): Block[] {
  const blocks: Block[] = []
  let open: (Block & { readonly lines: string[] }) | undefined
  for (const [index, text] of linesOf(page).entries()) {
    const [, language] = /^\s*```(\w*)/.exec(text) ?? []
    if (language === undefined) open?.lines.push(text)
    else if (open) open = void blocks.push(open)
    else open = { language, line: index + 2, lines: [] }
  }
  return blocks
}

/** A program a block, continuations with what they continue; every line stands where it stands on the page. */
function programsOf(page: string): { line: number; text: string }[] {
  const programs: { line: number; lines: string[] }[] = []
  for (const { language, line, lines } of blocksOf(page)) {
    if (language !== 'ts') continue
    const last = programs.at(-1)
    const program = last && lines[0]?.startsWith('// …') === true ? last : { line, lines: [] }
    if (program !== last) programs.push(program)
    while (program.lines.length < line - 1) program.lines.push('')
    program.lines.push(...lines)
  }
  return programs.map(({ line, lines }) => ({ line, text: `${lines.join('\n')}\n` }))
}

/** What TypeScript says of each page's programs, a line each: `docs/docker.md:12:7 Cannot find name 'x'.` */
function problemsByPage(): Map<string, string[]> {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file)) as {
    config: { compilerOptions: object }
  }
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root)
  const programs = new Map<string, { page: string; text: string }>()
  for (const page of pages) {
    for (const { line, text } of programsOf(page)) programs.set(join(root, `${page}.${line}.ts`), { page, text })
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile } = host
  host.fileExists = (file) => programs.has(file) || fileExists.call(host, file)
  host.readFile = (file) => programs.get(file)?.text ?? readFile.call(host, file)
  const compiled = ts.createProgram([...programs.keys()], options, host)
  const problems = new Map<string, string[]>(pages.map((page) => [page, []]))
  for (const [file, { page }] of programs) {
    const source = compiled.getSourceFile(file)
    for (const { start = 0, messageText } of ts.getPreEmitDiagnostics(compiled, source)) {
      const { line = 0, character = 0 } = source?.getLineAndCharacterOfPosition(start) ?? {}
      const message = ts.flattenDiagnosticMessageText(messageText, '\n')
      problems.get(page)?.push(`${page}:${line + 1}:${character + 1} ${message}`)
    }
  }
  return problems
}

/** Of headings, as GitHub names them. */
function anchorsOf(page: string): string[] {
  const written = [
    ...linesOf(page)
      .join('\n')
      .matchAll(/<a id="([^"]+)">/g),
  ].map(([, id = '']) => id)
  const ofHeadings = linesOf(page)
    .filter((line) => /^#+ /.test(line))
    .map((line) =>
      line
        .replace(/^#+ /, '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    )
  return [...written, ...ofHeadings]
}

function brokenLinksOf(page: string): string[] {
  const prose = linesOf(page)
    .join('\n')
    .replace(/^\s*```[\s\S]*?^\s*```/gm, '')
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false
    const [path = '', fragment] = target.split('#')
    const file = path === '' ? page : join(dirname(page), path)
    if (!existsSync(join(root, file))) return true
    return fragment !== undefined && file.endsWith('.md') && !anchorsOf(file).includes(fragment)
  })
}

describe('the documentation', () => {
  let problems: Map<string, string[]>
  beforeAll(() => {
    problems = problemsByPage()
  })

  it.each(pages)('compiles: %s', (page) => {
    expect(problems.get(page)).toEqual([])
  })

  it.each(pages)('links to what exists: %s', (page) => {
    expect(brokenLinksOf(page)).toEqual([])
  })

  const examples = pages.flatMap((page) =>
    [
      ...linesOf(page)
        .join('\n')
        .matchAll(/^<!-- (examples\/\S+) -->\n\n```\w+\n([\s\S]*?)^```/gm),
    ].map(([, file = '', text]) => ({ page, file, text })),
  )

  it.each(examples)('shows $file as it is: $page', ({ file, text }) => {
    expect(text).toBe(readFileSync(join(root, file), 'utf8'))
  })

  const tests = pages.flatMap((page) =>
    programsOf(page)
      .filter(({ text }) => text.includes("from 'node:test'"))
      .map(({ line, text }) => ({ where: `${page}:${line}`, text })),
  )

  it.each(tests)('has tests that pass: $where', ({ text }) => {
    const { status, stdout, stderr } = spawnSync('node', ['--input-type=module-typescript', '--eval', text], {
      cwd: root,
      encoding: 'utf8',
    })
    expect(status, `${stdout}\n${stderr}`).toBe(0)
  })

  it.each(pages)('shows configurations that parse: %s', (page) => {
    for (const { language, lines } of blocksOf(page)) {
      if (language !== 'yaml') continue
      for (const document of parseAllDocuments(lines.join('\n'))) {
        const config: unknown = document.toJS()
        if (typeof config !== 'object' || config === null || !('opencti' in config)) continue
        const { warnings } = parseOpenCtiSettings(config)
        expect(warnings.filter((warning) => warning.includes('not a known key'))).toEqual([])
        expect(schemaProblems(config)).toEqual([])
      }
    }
  })
})
