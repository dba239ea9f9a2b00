// Runs every file of cases/, prints its table and writes all of them to results.json.
// `node bench/run.ts references sizes` runs those two and leaves results.json alone.

import { readdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'

interface BenchmarkCase {
  readonly title: string
  readonly run: () => Promise<Record<string, string | number>[]>
}

const wanted = process.argv.slice(2)
const cases = new URL('cases/', import.meta.url)
const all = (await readdir(cases)).filter((file) => file.endsWith('.ts')).map((file) => file.slice(0, -3))
const unknown = wanted.filter((name) => !all.includes(name))
if (unknown.length > 0) throw new Error(`No such case: ${unknown.join(', ')}. There are ${all.join(', ')}.`)

const results: Record<string, unknown> = {
  node: process.version,
  cpu: cpus()[0]?.model ?? 'unknown',
  date: new Date().toISOString().slice(0, 10),
}
for (const name of all.sort().filter((name) => wanted.length === 0 || wanted.includes(name))) {
  const { title, run } = (await import(new URL(`${name}.ts`, cases).href)) as BenchmarkCase
  console.log(`\n${title}`)
  const rows = await run()
  console.table(rows)
  results[name] = { title, rows }
}
if (wanted.length === 0) {
  await writeFile(new URL('results.json', import.meta.url), `${JSON.stringify(results, null, 2)}\n`)
}
