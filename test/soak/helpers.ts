import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseImageReference } from 'pullpass'
import { credentialHelper, defaultCredentials } from 'pullpass/node'
import { answer, fakeHelpers, notFound } from '../support/login/fake-helper.js'
import { user } from './facts.js'
import type { Expectation } from './ledger.js'
import { type Bench, repeat } from './job.js'

const failing: Expectation = { codes: ['ERR_CREDENTIALS'] }
const working: Expectation = { codes: [] }

/** What the one that hangs starts, to be looked for afterwards. */
export const HELPER_CHILD = '/bin/sleep 4321'

/** What helpers do. Only the first two do what they should. */
const scripts = {
  works: answer(user.username, user.password),
  empty: notFound,
  crashes: 'kill -SEGV $$\n',
  fails: `echo the keychain is locked, ${user.username} >&2\nexit 3\n`,
  rambles: `echo '{"Username":'\n`,
  floods: '/usr/bin/head -c 3000000 /dev/zero\n',
  // A child of its own, which has to end with it.
  hangs: `${HELPER_CHILD} &\n${HELPER_CHILD}\n`,
}
type Script = keyof typeof scripts

/** Writes the helpers, and a `config.json` that names one for each `NAME.example.com`. */
export async function writeHelpers(folder: string): Promise<void> {
  await fakeHelpers(folder, scripts)
  const names = Object.keys(scripts)
  await mkdir(join(folder, '.docker'))
  const credHelpers = Object.fromEntries(names.map((name) => [`${name}.example.com`, name]))
  await writeFile(join(folder, '.docker', 'config.json'), JSON.stringify({ credHelpers }))
}

/** Finds credentials by helpers, alone and at the end of the whole chain, asked by several at once. */
export function helpers(folder: string): (bench: Bench) => Promise<void> {
  const env = { HOME: folder, PATH: join(folder, 'bin') }
  return async (bench) => {
    const { ledger, random } = bench
    await repeat(bench, async () => {
      const script = random.chance(0.5) ? 'works' : random.pick(Object.keys(scripts) as Script[])
      const options = { env, timeout: script === 'hangs' ? 0.4 : 30, cacheTtl: 0.2, logger: ledger.logger }
      const alone = credentialHelper(script, options)
      const chain = defaultCredentials({}, options)
      const reference = parseImageReference(`${script}.example.com/team/app:1`)
      const expected = script === 'works' || script === 'empty' ? working : failing
      const one = async (): Promise<void> => {
        const found = await (random.chance(0.5)
          ? ledger.attempt('credentialHelper', random, expected, async (signal) => ({
              credentials: await alone.provide(reference, { signal, ask: () => undefined, note: () => undefined }),
            }))
          : ledger.attempt('defaultCredentials', random, expected, (signal) => chain.resolve(reference, { signal })))
        if (!found) return
        const { username } = { ...found.credentials } as { username?: string }
        ledger.expect(
          username === (script === 'works' ? user.username : undefined),
          `${script} has ${username ?? 'none'}`,
        )
      }
      await Promise.all(Array.from({ length: 1 + random.index(3) }, one))
    })
  }
}
