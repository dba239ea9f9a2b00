import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { pack } from './pack.js'
import { newProject } from './project.js'
import { runWell } from './run.js'

/** What all checks work on, made once. */
export interface Parcel {
  /** A folder outside the repository, removed at the end. */
  readonly scratch: string
  /** What `npm pack` made. */
  readonly tarball: string
  /** The same, unpacked. */
  readonly unpacked: string
  /** Folders with a `node`, by version. */
  readonly nodes: Readonly<Record<'22.19' | '24' | '26', string>>
  readonly pnpm: string
}

declare module 'vitest' {
  interface ProvidedContext {
    parcel: Parcel
  }
}

/** Packs, and installs the other versions of Node and pnpm. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const scratch = await mkdtemp(join(tmpdir(), 'pullpass-parcel-'))
  const cleanUp = (): Promise<void> => rm(scratch, { recursive: true, force: true, maxRetries: 3 })
  try {
    const [oldest, newest, pnpm, packed] = await Promise.all([
      tool(scratch, 'node@22.19.0'),
      tool(scratch, 'node@26'),
      tool(scratch, 'pnpm@10'),
      pack(scratch),
    ])
    const nodes = { '22.19': oldest, '24': dirname(process.execPath), '26': newest }
    await checkVersions(nodes)
    project.provide('parcel', { scratch, ...packed, nodes, pnpm: join(pnpm, 'pnpm') })
  } catch (error) {
    await cleanUp()
    throw error
  }
  return cleanUp
}

/** Installs a program by npm. Returns the folder it is in. */
async function tool(scratch: string, name: string): Promise<string> {
  const cwd = await newProject(join(scratch, 'tools', name))
  await runWell('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', name], { cwd })
  return join(cwd, 'node_modules', '.bin')
}

async function checkVersions(nodes: Readonly<Record<string, string>>): Promise<void> {
  for (const [version, folder] of Object.entries(nodes)) {
    const found = await runWell(join(folder, 'node'), ['--version'], { cwd: folder })
    if (!found.startsWith(`v${version}.`)) throw new Error(`${folder} has Node ${found.trim()}, expected ${version}`)
  }
}

/** A JSON file, as its reader knows it. */
export async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T
}
