import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const examples = join(import.meta.dirname, '../../examples')

/** How a program ended, and all that it printed. */
export interface Run {
  readonly code: number | null
  readonly output: string
}

/** Where and with what an example runs. */
export interface RunOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** Ends it with SIGTERM. */
  readonly stop?: Promise<unknown>
}

/** Runs a file of `examples/` as a process. Nobody has logged in to a registry where it runs. */
export async function runExample(file: string, args: readonly string[], options: RunOptions): Promise<Run> {
  const { cwd, env = {}, stop } = options
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, [join(examples, file), ...args], { cwd, env: { PATH, HOME: cwd, ...env } })
  const chunks: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  void stop?.then(() => child.kill('SIGTERM'))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output: Buffer.concat(chunks).toString() }
}
