import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { newProject } from './project.js'
import { runWell } from './run.js'

/** The programs of `consumer/`: one an entry point, of its name. */
const programs = join(import.meta.dirname, '../consumer')

/** A project with pullpass, these packages, and the programs of `consumer/`. Returns its folder. */
export async function newConsumer(folder: string, tarball: string, packages: readonly string[]): Promise<string> {
  const cwd = await newProject(folder)
  const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts']
  await runWell('npm', [...args, tarball, ...packages], { cwd })
  await cp(programs, cwd, { recursive: true })
  return cwd
}
