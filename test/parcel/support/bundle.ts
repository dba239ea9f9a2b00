import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type BuildOptions } from 'esbuild'
import { readJson } from './setup.js'

/** What an entry point weighs, in bytes, and the packages that it reaches. */
export interface Measurement {
  readonly minified: number
  readonly gzip: number
  readonly packages: readonly string[]
}

const forServer: BuildOptions = { bundle: true, platform: 'node', target: 'node22.19', logLevel: 'silent' }

/** Bundles pullpass's own code behind an entry point, and looks at what comes out. */
export async function measure(unpacked: string, name: string): Promise<Measurement> {
  const { exports } = await readJson<{ exports: Record<string, { default: string }> }>(join(unpacked, 'package.json'))
  const { outputFiles, metafile } = await build({
    ...forServer,
    entryPoints: [join(unpacked, exports[`.${name.slice('pullpass'.length)}`]?.default ?? '')],
    format: 'esm',
    minify: true,
    packages: 'external',
    metafile: true,
    write: false,
  })
  const code = outputFiles[0]?.contents ?? new Uint8Array()
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path))
  const packages = [...new Set(imports.filter((path) => !path.startsWith('node:')))].sort()
  return { minified: code.length, gzip: gzipSync(code).length, packages }
}

/**
 * Bundles a program with everything that it uses, dockerode aside: that has parts in machine code. Returns the file.
 */
export async function bundleProgram(program: string): Promise<string> {
  const outfile = program.replace(/\.ts$/, '.bundled.mjs')
  // undici and others are CommonJS, and esbuild's ESM has no `require` for the modules of Node that they ask for.
  const js = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"
  const options: BuildOptions = { ...forServer, format: 'esm', external: ['dockerode'], banner: { js } }
  await build({ ...options, entryPoints: [program], outfile })
  return outfile
}

/** Bundles an entry point alone, as CommonJS. Returns the file. */
export async function bundleAsCommonJs(name: string, folder: string): Promise<string> {
  const outfile = join(folder, `${basename(name)}.bundled.cjs`)
  const stdin = { contents: `console.log(Object.keys(require('${name}')).length > 0)`, resolveDir: folder }
  await build({ ...forServer, format: 'cjs', stdin, outfile })
  return outfile
}
