import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe } from 'vitest'

/** Debian's package for each program that tests may ask for. */
const packages = {
  'docker-registry': 'docker-registry',
  dockerd: 'docker.io',
  docker: 'docker.io',
  podman: 'podman',
  mitmdump: 'mitmproxy',
  squid: 'squid',
  pass: 'pass',
  gpg: 'gnupg',
  'docker-credential-pass': 'golang-docker-credential-helpers',
  htpasswd: 'apache2-utils',
  openssl: 'openssl',
  mount: 'mount',
  umount: 'mount',
} as const

export type Program = keyof typeof packages

const wanted = process.env['PULLPASS_REAL']

/**
 * A `describe` for tests against real programs. Where one is not installed, the tests are skipped by name, with the
 * command that installs it; with `PULLPASS_REAL=required` that is a failure instead. With `PULLPASS_REAL=none` they
 * are all skipped.
 */
export function describeReal(title: string, programs: readonly Program[], tests: () => void): void {
  const missing = programs.filter((program) => findProgram(program) === undefined)
  const command = `apt-get install ${[...new Set(missing.map((program) => packages[program]))].join(' ')}`
  if (wanted === 'none') {
    describe.skip(`${title} (PULLPASS_REAL=none)`, tests)
  } else if (missing.length === 0) {
    describe(title, tests)
  } else if (wanted === 'required') {
    throw new Error(`${title}: ${missing.join(', ')} not installed, and PULLPASS_REAL=required. Run: ${command}`)
  } else {
    describe.skip(`${title} (${missing.join(', ')} not installed: ${command})`, tests)
  }
}

/** Full path of a program, looked for in PATH and where Debian keeps the administrator's programs. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/local/sbin']
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
