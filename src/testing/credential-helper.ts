import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kindOf } from '../kind-of.js'
import { printedAs } from '../masking.js'

/**
 * What a scripted helper does when it is asked for a server: answer with a user and a secret (an identity token for the
 * user `<token>`), say that it has none, never answer, or whatever else a program can do: print this, and end with that
 * status.
 */
export type TestHelperAnswer =
  | { readonly username: string; readonly secret: string }
  | 'not found'
  | 'hang'
  | { readonly stdout?: string; readonly stderr?: string; readonly status?: number }

/** A scripted credential helper. `close()` it, or `await using` it. */
export interface TestCredentialHelper extends AsyncDisposable {
  /** For the option `env` of whatever looks for credentials: it finds this helper, for all registries, and nothing else. */
  readonly env: {
    /** The folder with the program, and nothing else that runs. */
    readonly PATH: string
    /** The same folder: it has a `config.json` with the helper as its `credsStore`. */
    readonly DOCKER_CONFIG: string
  }
  /** The servers that it was asked for so far, a process each. */
  calls(): Promise<string[]>
  /** Has it answer otherwise from now on. */
  answer(server: string, answer: TestHelperAnswer): Promise<void>
  /** Removes it from the disk. */
  close(): Promise<void>
}

/**
 * Writes a program `docker-credential-NAME` into a temporary folder that speaks the protocol of Docker's credential
 * helpers, as far as `get`. A shell script: not for Windows.
 *
 * @param name `NAME`: letters, digits, `.`, `_` and `-`.
 * @param answers Server to answer: `registry.example.com:5000`, `https://index.docker.io/v1/` for Docker Hub. It says
 * `not found` of every other.
 * @throws {TypeError} `name` or an answer is none.
 */
export async function makeTestCredentialHelper(
  name: string,
  answers: Readonly<Record<string, TestHelperAnswer>> = {},
): Promise<TestCredentialHelper> {
  if (typeof name !== 'string' || !/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name))
    throw new TypeError('name must have letters, digits, and . _ - inside, and nothing else')
  const cases = new Map(Object.entries(answers).map(([server, answer]) => [server, deedOf(server, answer)]))
  const folder = await mkdtemp(join(tmpdir(), 'pullpass-helper-'))
  const program = join(folder, `docker-credential-${name}`)
  const log = join(folder, 'calls')
  const write = async (): Promise<void> => {
    await writeFile(`${program}.new`, script(log, cases), { mode: 0o755 })
    // At once: it may be run meanwhile.
    await rename(`${program}.new`, program)
  }
  await writeFile(log, '')
  await writeFile(join(folder, 'config.json'), JSON.stringify({ credsStore: name }), { mode: 0o600 })
  await write()
  const close = (): Promise<void> => rm(folder, { recursive: true, force: true })
  const helper: TestCredentialHelper = {
    env: { PATH: folder, DOCKER_CONFIG: folder },
    calls: async () => (await readFile(log, 'utf8')).split('\n').slice(0, -1),
    answer: async (server, answer) => {
      cases.set(server, deedOf(server, answer))
      await write()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
  return printedAs(helper, () => `TestCredentialHelper(${program})`)
}

function script(log: string, cases: ReadonlyMap<string, string>): string {
  const branches = [...cases].map(([server, deed]) => `${quoted(server)})\n${deed};;\n`)
  return [
    '#!/bin/sh\n',
    '[ "$1" = get ] || exit 64\n',
    'read -r server\n',
    `printf '%s\\n' "$server" >> ${quoted(log)}\n`,
    `case "$server" in\n${branches.join('')}*)\n${NOT_FOUND};;\nesac\n`,
  ].join('')
}

const NOT_FOUND = deed('credentials not found in native keychain\n', '', 1)

/** What the script does for an answer. */
function deedOf(server: string, answer: TestHelperAnswer): string {
  checkAnswer(server, answer)
  if (answer === 'not found') return NOT_FOUND
  // Only what the shell has built in is in its PATH.
  if (answer === 'hang') return 'PATH=/usr/bin:/bin exec sleep 2147483\n'
  if ('username' in answer) {
    const { username, secret } = answer
    return deed(JSON.stringify({ ServerURL: server, Username: username, Secret: secret }), '', 0)
  }
  const { stdout = '', stderr = '', status = 0 } = answer
  return deed(stdout, stderr, status)
}

function checkAnswer(server: string, answer: unknown): void {
  if (answer === 'not found' || answer === 'hang') return
  const fields = (typeof answer === 'object' ? answer : null) ?? { stdout: null }
  const { username, secret, stdout = '', stderr = '', status = 0 } = fields as Record<string, unknown>
  const texts = 'username' in fields ? [username, secret] : [stdout, stderr]
  const isStatus = Number.isInteger(status) && Number(status) >= 0 && Number(status) <= 255
  if (isStatus && texts.every((text) => typeof text === 'string')) return
  const wanted = "{ username, secret }, 'not found', 'hang' or { stdout, stderr, status }"
  throw new TypeError(`the answer for ${server} must be ${wanted}, not ${kindOf(answer)}`)
}

function deed(stdout: string, stderr: string, status: number): string {
  return `printf %s ${quoted(stdout)}\nprintf %s ${quoted(stderr)} >&2\nexit ${status}\n`
}

/** A word of a shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
