import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A folder of credential helpers that are small scripts. As `PATH`, it has nothing else in it. */
export interface FakeHelpers {
  readonly path: string
  /** The servers that helpers were asked for, one a process. */
  asked(): Promise<string[]>
}

/**
 * Writes `docker-credential-NAME` for each script. A script has the server it is asked for in `$server`, and only what
 * the shell has built in, or programs by their full path.
 */
export async function fakeHelpers(folder: string, scripts: Readonly<Record<string, string>>): Promise<FakeHelpers> {
  const path = join(folder, 'bin')
  const log = join(folder, 'asked')
  await mkdir(path, { recursive: true })
  await writeFile(log, '')
  for (const [name, script] of Object.entries(scripts)) {
    const head = `#!/bin/sh\n[ "$1" = get ] || exit 64\nread -r server\necho "$server" >> '${log}'\n`
    await writeFile(join(path, `docker-credential-${name}`), head + script, { mode: 0o755 })
  }
  return { path, asked: async () => (await readFile(log, 'utf8')).split('\n').slice(0, -1) }
}

/** A script that answers as the protocol has it. */
export function answer(username: string, secret: string): string {
  return `printf '{"ServerURL":"%s","Username":"%s","Secret":"%s"}' "$server" '${username}' '${secret}'\n`
}

/** A script that says that it has no credentials. */
export const notFound = 'echo credentials not found in native keychain\nexit 1\n'
