import { execFile } from 'node:child_process'
import { join } from 'node:path'

/** The repository. */
export const root: string = join(import.meta.dirname, '../../..')

/** How a program ended. `status` 0 is success. */
export interface Finished {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Where and with what a program runs. */
export interface RunOptions {
  readonly cwd: string
  /** A folder whose programs go before the others: the Node that npm and pnpm are to run on. */
  readonly bin?: string
}

/** Runs a program to its end, without a shell. A status other than 0 is for the caller to judge. */
export function run(program: string, args: readonly string[], { cwd, bin }: RunOptions): Promise<Finished> {
  const env = { ...process.env, ...(bin !== undefined && { PATH: `${bin}:${process.env['PATH'] ?? ''}` }) }
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, env, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(new Error(error.message, { cause: error }))
      else resolve({ status: Number(error?.code ?? 0), stdout, stderr })
    })
  })
}

/** Runs a program that must succeed. */
export async function runWell(program: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { status, stdout, stderr } = await run(program, args, options)
  if (status === 0) return stdout
  throw new Error(`${program} ${args.join(' ')} ended with status ${status}\n${stdout}${stderr}`)
}

/** A program among the repository's development dependencies. */
export function developmentTool(name: string): string {
  return join(root, 'node_modules/.bin', name)
}
