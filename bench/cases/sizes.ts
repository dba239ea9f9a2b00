import { existsSync, readFileSync } from 'node:fs'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'esbuild'

export const title =
  'Entry points: bundled and minified, dependencies left out, in bytes (./reference: under 3,000 compressed)'

const root = new URL('../../', import.meta.url)
const { exports } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
  exports: Record<string, string | { default: string }>
}

export async function run(): Promise<Record<string, string | number>[]> {
  const rows = []
  for (const [entry, target] of Object.entries(exports)) {
    if (typeof target === 'string') continue
    const file = new URL(target.default, root)
    if (existsSync(file)) rows.push({ 'entry point': entry, ...(await measure(file)) })
  }
  return rows
}

async function measure(file: URL): Promise<Record<string, string | number>> {
  const { outputFiles, metafile } = await build({
    entryPoints: [file.pathname],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    metafile: true,
    write: false,
  })
  const code = outputFiles[0]!.contents
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map((imported) => imported.path))
  return {
    minified: code.length,
    gzip: gzipSync(code, { level: 9 }).length,
    brotli: brotliCompressSync(code).length,
    imports: [...new Set(imports)].sort().join(' '),
  }
}
