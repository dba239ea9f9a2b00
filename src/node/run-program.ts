import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { access, constants, stat } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'
import type { Env } from '../settings/index.js'

/** A program to run, and its bounds. */
export interface ProgramCall {
  /** Full path. No shell is involved. */
  readonly file: string
  readonly args: readonly string[]
  readonly env: Env
  /** Written to its standard input, which is then closed. */
  readonly input: string
  /** Seconds after which it is killed. */
  readonly timeout: number
  /** Bytes of standard output beyond which it is killed. */
  readonly maxOutput: number
  /** Bytes of standard error that are kept; it may write more. */
  readonly maxErrorOutput: number
  readonly signal: AbortSignal | undefined
}

/** How a program ended: by itself (`exit`, `signal`), by what this side did to it, or not even started. */
export type ProgramEnd =
  | { readonly kind: 'exit'; readonly status: number }
  | { readonly kind: 'signal'; readonly name: string }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'flood' }
  | { readonly kind: 'unstartable'; readonly code: string }

/** Milliseconds: what a timer of Node can wait at most. */
const LONGEST_TIMEOUT = 2 ** 31 - 1

/** How a program ended and what it wrote. */
export interface ProgramResult {
  readonly end: ProgramEnd
  readonly stdout: string
  readonly stderr: string
}

const windows = process.platform === 'win32'

/**
 * Full path of a program in `PATH`, or `undefined`. Relative entries of `PATH` do not count, as in Go's `exec.LookPath`:
 * a program in the working directory is not one that the user installed.
 */
export async function findProgram(name: string, env: Env): Promise<string | undefined> {
  const path = env['PATH'] ?? (windows ? env['Path'] : undefined) ?? ''
  for (const folder of path.split(delimiter).filter(isAbsolute)) {
    const file = join(folder, windows ? `${name}.exe` : name)
    if (await isProgram(file)) return file
  }
  return undefined
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return (await stat(file)).isFile()
  } catch {
    return false
  }
}

/**
 * Runs a program to its end, without a shell. Rejects only with the reason of `signal`; every other end is in the
 * result. Whatever stops it early kills it together with the programs that it started.
 */
export async function runProgram(call: ProgramCall): Promise<ProgramResult> {
  call.signal?.throwIfAborted()
  let child: ChildProcessWithoutNullStreams
  try {
    // A process group of its own: killing it then reaches its children too.
    child = spawn(call.file, call.args, { env: { ...call.env }, detached: !windows, windowsHide: true })
  } catch (error) {
    return { end: unstartable(error as NodeJS.ErrnoException), stdout: '', stderr: '' }
  }
  try {
    return await follow(child, call)
  } finally {
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
  }
}

function unstartable({ code, name }: NodeJS.ErrnoException): ProgramEnd {
  return { kind: 'unstartable', code: code ?? name }
}

function follow(child: ChildProcessWithoutNullStreams, call: ProgramCall): Promise<ProgramResult> {
  const { signal, input, maxOutput, maxErrorOutput } = call
  const stdout = new Collector(maxOutput)
  const stderr = new Collector(maxErrorOutput)
  const { promise, resolve, reject } = Promise.withResolvers<ProgramResult>()
  const finish = (end: ProgramEnd): void => resolve({ end, stdout: stdout.text(), stderr: stderr.text() })
  const stop = (end: ProgramEnd): void => {
    kill(child)
    finish(end)
  }
  const timer = setTimeout(() => stop({ kind: 'timeout' }), Math.min(call.timeout * 1000, LONGEST_TIMEOUT))
  const abort = (): void => {
    kill(child)
    reject(signal?.reason as Error)
  }
  signal?.addEventListener('abort', abort)
  child.on('error', (error) => finish(unstartable(error)))
  child.on('close', (status, name) =>
    finish(status === null ? { kind: 'signal', name: String(name) } : { kind: 'exit', status }),
  )
  child.stdout.on('data', (chunk: Buffer) => {
    if (!stdout.add(chunk)) stop({ kind: 'flood' })
  })
  child.stderr.on('data', (chunk: Buffer) => void stderr.add(chunk))
  // A program may end without reading its input. How it ended tells what it had to say about that.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  return promise.finally(() => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  })
}

function kill(child: ChildProcessWithoutNullStreams): void {
  if (child.pid === undefined) return
  try {
    if (windows) child.kill('SIGKILL')
    else process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has ended in the meantime.
  }
}

/** Keeps what a stream brings, up to a number of bytes. */
class Collector {
  readonly #chunks: Buffer[] = []
  readonly #limit: number
  #length = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Whether all of it was kept. */
  add(chunk: Buffer): boolean {
    const room = this.#limit - this.#length
    if (room > 0) this.#chunks.push(chunk.subarray(0, room))
    this.#length += Math.min(chunk.length, room)
    return chunk.length <= room
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8')
  }
}
