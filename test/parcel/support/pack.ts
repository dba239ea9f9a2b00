import { cp, readdir, symlink } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { root, runWell } from './run.js'

const LEFT_OUT = ['.git', 'node_modules', 'dist', 'bench', 'coverage', 'reports']

/** Packs a copy of the repository as a fresh clone has it: without what earlier builds left in `dist`. */
export async function pack(scratch: string): Promise<{ tarball: string; unpacked: string }> {
  const cwd = join(scratch, 'clone')
  await cp(root, cwd, { recursive: true, filter: (file) => !LEFT_OUT.includes(relative(root, file)) })
  await symlink(join(root, 'node_modules'), join(cwd, 'node_modules'))
  await runWell('npm', ['pack', '--pack-destination', scratch], { cwd })
  const [name = ''] = (await readdir(scratch)).filter((file) => file.endsWith('.tgz'))
  const tarball = join(scratch, name)
  await runWell('tar', ['-xzf', tarball], { cwd: scratch })
  return { tarball, unpacked: join(scratch, 'package') }
}
