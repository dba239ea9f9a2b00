import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** An empty project, as `npm init` leaves it. Returns its folder. */
export async function newProject(folder: string, type: 'module' | 'commonjs' = 'module'): Promise<string> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type }))
  return folder
}
