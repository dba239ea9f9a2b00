import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { listen } from './listen.js'
import { findProgram, type Program } from './real.js'

const running = new Set<ChildProcess>()
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')))

/** A program that a test started. */
export interface Service {
  readonly process: ChildProcess
  /** All it has printed so far. */
  output(): string
  stop(): Promise<void>
}

/** Starts a program and waits until `ready` says that it answers. */
export async function startService(
  program: Program,
  args: readonly string[],
  ready: () => Promise<unknown>,
  env: NodeJS.ProcessEnv = {},
): Promise<Service> {
  const child = spawn(findProgram(program) ?? program, args, { env: { ...process.env, ...env }, stdio: 'pipe' })
  running.add(child)
  const chunks: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  const output = (): string => Buffer.concat(chunks).toString()
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      const killer = setTimeout(() => child.kill('SIGKILL'), 15_000)
      await exited
      clearTimeout(killer)
    }
    running.delete(child)
  }
  try {
    await until(async () => {
      if (child.exitCode !== null) throw new Stopped(`${program} ended with ${child.exitCode}:\n${output()}`)
      await ready()
    })
  } catch (error) {
    await stop()
    throw new Error(`${program} did not start: ${(error as Error).message}\n${output()}`, { cause: error })
  }
  return { process: child, output, stop }
}

class Stopped extends Error {}

/** Tries again every 50 ms until `attempt` does not throw, for at most `limit` ms. */
export async function until<T>(attempt: () => Promise<T>, limit = 30_000): Promise<T> {
  const deadline = Date.now() + limit
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (error instanceof Stopped || Date.now() > deadline) throw error
      await sleep(50)
    }
  }
}

/** Runs a program to its end and returns what it printed on its standard output. */
export async function run(program: Program, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const options = { env: { ...process.env, ...env }, maxBuffer: 1 << 24 }
  return (await promisify(execFile)(findProgram(program) ?? program, args, options)).stdout
}

/** A TCP port on loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const { port, stop } = await listen(createServer())
  await stop()
  return port
}

/** A new folder under the system's temporary one. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'pullpass-'))
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) }
}
