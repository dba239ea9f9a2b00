// Runs every file of cases/, prints its table and writes all of them to results.json.
// `node bench/run.ts references no-proxy` runs these two and leaves results.json alone.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'

interface Result {
  readonly title: string
  readonly rows: Record<string, string | number>[]
}

interface BenchmarkCase {
  readonly title: string
  readonly run: () => Promise<Result['rows']>
}

const cases = new URL('cases/', import.meta.url)

if (process.send) await runOne(process.argv[2]!)
else await runAll(process.argv.slice(2))

async function runAll(wanted: readonly string[]): Promise<void> {
  const all = (await readdir(cases)).filter((file) => file.endsWith('.ts')).map((file) => file.slice(0, -3))
  const unknown = wanted.filter((name) => !all.includes(name))
  if (unknown.length > 0) throw new Error(`No such case: ${unknown.join(', ')}. There are ${all.join(', ')}.`)

  const results: Record<string, unknown> = {
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    date: new Date().toISOString().slice(0, 10),
  }
  for (const name of all.sort().filter((name) => wanted.length === 0 || wanted.includes(name))) {
    results[name] = await inOwnProcess(name)
  }
  if (wanted.length === 0) {
    await writeFile(new URL('results.json', import.meta.url), `${JSON.stringify(results, null, 2)}\n`)
  }
}

/** What one case does to the engine (its type feedback, its heap) must not count in the next. */
async function inOwnProcess(name: string): Promise<Result> {
  const child = fork(new URL(import.meta.url), [name])
  let result: Result | undefined
  child.once('message', (message) => (result = message as Result))
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0 || result === undefined) throw new Error(`${name} failed (exit ${String(code)})`)
  return result
}

async function runOne(name: string): Promise<void> {
  const { title, run } = (await import(new URL(`${name}.ts`, cases).href)) as BenchmarkCase
  console.log(`\n${title}`)
  const rows = await run()
  console.table(rows)
  process.send!({ title, rows } satisfies Result, () => process.disconnect())
}
