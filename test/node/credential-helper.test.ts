import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { credentialChain, type ResolvedCredentials } from '../../src/credentials/index.js'
import { PullpassError } from '../../src/errors.js'
import { credentialHelper, type CredentialHelperOptions } from '../../src/node/credential-helper.js'
import { parseImageReference } from '../../src/reference/index.js'
import { answer, type FakeHelpers, fakeHelpers, notFound } from '../support/login/fake-helper.js'
import { temporaryFolder, until } from '../support/processes.js'
import { recordingLogger } from '../support/recording-logger.js'

const SECRET = 's3cr3t-c4n4ry'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let helpers: FakeHelpers

beforeAll(async () => {
  folder = await temporaryFolder()
  const pid = (name: string): string => `echo $$ > '${join(folder.path, name)}.pid'\n`
  helpers = await fakeHelpers(folder.path, {
    good: answer('alice', SECRET),
    token: answer('<token>', SECRET),
    'not-found': notFound,
    environment: 'printf \'{"Username":"%s","Secret":"%s"}\' "$HELPER_USER" "${HOME-none}"\n',
    'no-server': `echo '{"Username":"alice","Secret":"${SECRET}"}'\n`,
    'lower-case': `echo '{"serverurl":"x","username":"alice","secret":"${SECRET}"}'\n`,
    nobody: 'echo \'{"ServerURL":"x","Username":"","Secret":""}\'\n',
    'no-user': `echo '{"Secret":"${SECRET}"}'\n`,
    number: 'echo \'{"Username":"alice","Secret":42}\'\n',
    rubbish: `echo 'Your password is: ${SECRET}'\n`,
    list: `echo '["alice","${SECRET}"]'\n`,
    silent: '',
    fails: `echo 'the keychain with ${SECRET} is locked'\nprintf 'cannot \\033[31mopen\\007\\n the keychain\\n' >&2\nexit 3\n`,
    'fails-silently': `echo '${SECRET}'\nexit 1\n`,
    'not-found-on-stderr': 'echo credentials not found in native keychain >&2\nexit 1\n',
    'almost-not-found': 'echo credentials not found in native keychain, really\nexit 1\n',
    chatty: `echo 'deprecated: found ${SECRET}' >&2\n${answer('alice', SECRET)}`,
    'floods-stderr': `/usr/bin/head -c 3000000 /dev/zero | /usr/bin/tr '\\0' x >&2\nexit 1\n`,
    'floods-stdout': `${pid('floods-stdout')}while :; do echo '{"Username":"${SECRET}","Secret":"${SECRET}"}'; done\n`,
    hangs: `${pid('hangs')}echo '${SECRET}'\n/bin/sleep 600\n`,
    'hangs-too': `${pid('hangs-too')}/bin/sleep 600\n`,
    crashes: 'kill -SEGV $$\n',
  })
})
afterAll(() => folder.remove())

function look(
  name: string,
  options: CredentialHelperOptions = {},
  image = 'registry.example.com/app',
): Promise<ResolvedCredentials> {
  const helper = credentialHelper(name, { env: { PATH: helpers.path }, ...options })
  return credentialChain(helper).resolve(parseImageReference(image))
}

async function failure(name: string, options: CredentialHelperOptions = {}): Promise<PullpassError> {
  const error: unknown = await look(name, options).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(PullpassError)
  expect(error).toMatchObject({ code: 'ERR_CREDENTIALS' })
  expect((error as Error).message).toContain(`docker-credential-${name}`)
  expect(inspect(error, { showHidden: true, depth: Infinity })).not.toContain(SECRET)
  return error as PullpassError
}

/** Waits until the processes are gone that the one with the id in `pidFile` has started, and it itself. */
async function isGone(pidFile: string): Promise<void> {
  const session = await readFile(join(folder.path, pidFile), 'utf8')
  await until(async () => {
    const left = await processesOf(session.trim())
    if (left.length > 0) throw new Error(`still there: ${left.join('; ')}`)
  }, 5000)
}

/** Those that run, of a session, as Linux lists them. */
async function processesOf(session: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => Number(name) > 0)
  const stats = await Promise.all(ids.map((id) => readFile(`/proc/${id}/stat`, 'utf8').catch(() => '')))
  return stats.filter((stat) => {
    // Behind the name in brackets: state, parent, group, session.
    const [state, , , itsSession] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return itsSession === session && state !== 'Z'
  })
}

describe('a credential helper', () => {
  it('is asked for the host, and answers with user and password', async () => {
    const { credentials, source, trace } = await look('good', {}, 'registry.example.com:5000/team/app:1.0')
    expect(credentials).toEqual({ username: 'alice', password: SECRET })
    expect(source).toBe('docker-credential-good')
    expect(trace).toEqual([
      { source, outcome: 'found', asked: 'registry.example.com:5000', found: "user 'alice'", detail: '' },
    ])
    expect((await helpers.asked()).at(-1)).toBe('registry.example.com:5000')
  })

  it('is asked for Docker Hub by the name that docker login uses', async () => {
    const { trace } = await look('good', {}, 'alpine')
    expect(trace[0]).toMatchObject({ asked: 'https://index.docker.io/v1/' })
    expect((await helpers.asked()).at(-1)).toBe('https://index.docker.io/v1/')
  })

  it('hands out an identity token as one', async () => {
    expect((await look('token')).credentials).toEqual({ identityToken: SECRET })
  })

  it.each(['no-server', 'lower-case'])('may answer loosely: %s', async (name) => {
    expect((await look(name)).credentials).toEqual({ username: 'alice', password: SECRET })
  })

  it.each(['not-found', 'nobody'])('knows nothing when it says so: %s', async (name) => {
    const { credentials, trace } = await look(name)
    expect(credentials).toBeUndefined()
    expect(trace).toMatchObject([{ outcome: 'nothing', asked: 'registry.example.com', detail: 'it has none' }])
  })

  it('runs in the environment it is given, and in no other', async () => {
    const { credentials } = await look('environment', { env: { PATH: helpers.path, HELPER_USER: 'bob' } })
    expect(credentials).toEqual({ username: 'bob', password: 'none' })
  })

  it('may end without reading what it is asked for', async () => {
    const deaf = join(helpers.path, 'docker-credential-deaf')
    const says = '{"Username":"alice","Secret":"x"}'
    await writeFile(deaf, `#!/bin/sh\nexec <&-\necho '${says}'\n`, { mode: 0o755 })
    const helper = credentialChain(credentialHelper('deaf', { env: { PATH: helpers.path } }))
    // More than fits into a pipe.
    const reference = { registry: 'r'.repeat(200_000), repository: 'app' }
    expect((await helper.resolve(reference)).credentials).toEqual({ username: 'alice', password: 'x' })
  })

  it('prints masked', async () => {
    expect(inspect(await look('good'), { depth: Infinity })).not.toContain(SECRET)
  })

  it('is logged when it answers and complains, without the secret', async () => {
    const logger = recordingLogger()
    expect((await look('chatty', { logger })).credentials).toBeDefined()
    await look('good', { logger })
    const fields = {
      helper: 'docker-credential-chatty',
      registry: 'registry.example.com',
      stderr: 'deprecated: found ***',
    }
    expect(logger.lines).toEqual([{ level: 'warn', fields, message: 'Credential helper wrote to standard error' }])
  })
})

describe('a credential helper that fails is an error', () => {
  it.each([
    ['rubbish', 'is not JSON: line 1, column 1'],
    ['silent', 'is not JSON: line 1, column 1'],
    ['list', 'is not an object'],
    ['no-user', 'has a Secret and no Username'],
    ['number', 'of type number'],
  ])('when its answer is none: %s', async (name, message) => {
    expect((await failure(name)).message).toContain(message)
  })

  it('with its standard error, made fit to be read, and never its standard output', async () => {
    const { message, hint } = await failure('fails')
    expect(message).toBe(
      'The credential helper docker-credential-fails failed with status 3, asked for registry.example.com. It wrote to standard error: cannot [31mopen the keychain',
    )
    expect(hint).toContain('printf %s registry.example.com | docker-credential-fails get')
  })

  it.each(['fails-silently', 'not-found-on-stderr', 'almost-not-found'])('with a status: %s', async (name) => {
    expect((await failure(name)).message).toContain('failed with status 1')
  })

  it('and a flood on its standard error is cut', async () => {
    const { message } = await failure('floods-stderr')
    expect(message).toContain('xxx')
    expect(message.length).toBeLessThan(700)
  })

  it('when it floods its standard output, and is gone then', async () => {
    expect((await failure('floods-stdout')).message).toContain('more than 1 MiB')
    await isGone('floods-stdout.pid')
  })

  it('when it hangs, and is gone then, with what it started', async () => {
    const { message, hint } = await failure('hangs', { timeout: 0.3 })
    expect(message).toContain('did not answer in time')
    expect(hint).toContain('unlock')
    await isGone('hangs.pid')
  })

  it('when a signal ends it', async () => {
    expect((await failure('crashes')).message).toContain('was ended by SIGSEGV')
  })

  it('when it cannot be started', async () => {
    const file = join(helpers.path, 'docker-credential-foreign')
    await writeFile(file, '#!/no/such/interpreter\n', { mode: 0o755 })
    expect((await failure('foreign')).message).toContain('could not be started (ENOENT)')
    await writeFile(file, '\x7fELF\x02\x01\x01', { mode: 0o755 })
    expect((await failure('foreign')).message).toMatch(/could not be started \(\w+\)|failed with status/)
  })

  it('when it is not installed, with how to get it', async () => {
    const { message, hint } = await failure('desktop')
    expect(message).toBe('The credential helper docker-credential-desktop is not in PATH')
    expect(hint).toBe(
      'It comes with Docker Desktop. If it is not used any more, remove "desktop" from credsStore or credHelpers in config.json and run docker login again.',
    )
    expect((await failure('of-our-own')).hint).toContain('remove "of-our-own"')
    expect((await failure('docker-credential-pass')).hint).toMatch(/^Docker puts docker-credential- .* write "pass"\./)
  })

  it.each([{}, { PATH: '' }, { PATH: 'relative/bin' }, { PATH: '.' }])('when PATH has no folder: %j', async (env) => {
    expect((await failure('good', { env })).message).toContain('is not in PATH')
  })

  it.each([
    '',
    '../x',
    'a/b',
    'a\\b',
    '/bin/sh',
    '..',
    'a..b',
    '.hidden',
    '-x',
    'a b',
    'a\nb',
    'a;b',
    'a\0',
    'é',
    'x'.repeat(101),
  ])('when its name is none: %j', (name) => {
    expect(() => credentialHelper(name)).toThrow(
      expect.objectContaining({
        code: 'ERR_CREDENTIALS',
        message: expect.stringContaining('is not the name') as string,
      }),
    )
  })

  it.each([{ timeout: 0 }, { timeout: NaN }, { timeout: '5' as never }, { cacheTtl: -1 }, { cacheTtl: NaN }])(
    'and misuse is a TypeError: %j',
    (options) => {
      expect(() => credentialHelper('good', options)).toThrow(TypeError)
    },
  )
})

describe('a signal', () => {
  it('ends the wait at once, and the helper that nobody waits for', async () => {
    const helper = credentialChain(credentialHelper('hangs-too', { env: { PATH: helpers.path } }))
    const controller = new AbortController()
    const looking = helper.resolve(parseImageReference('registry.example.com/app'), { signal: controller.signal })
    await until(() => readFile(join(folder.path, 'hangs-too.pid')))
    controller.abort(new Error('enough'))
    await expect(looking).rejects.toThrow('enough')
    await isGone('hangs-too.pid')
  })

  it('that is aborted already starts no helper', async () => {
    const before = (await helpers.asked()).length
    const helper = credentialChain(credentialHelper('good', { env: { PATH: helpers.path } }))
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(helper.resolve(parseImageReference('alpine'), { signal })).rejects.toThrow('enough')
    expect(await helpers.asked()).toHaveLength(before)
  })
})

describe('answers', () => {
  const images = Array.from({ length: 10 }, (_, index) => parseImageReference(`r${index}.example.com/app`))

  it('of a helper are shared: 1,000 look-ups for 10 registries at once start 10 processes', async () => {
    const before = (await helpers.asked()).length
    const helper = credentialChain(credentialHelper('good', { env: { PATH: helpers.path } }))
    const all = Array.from({ length: 1000 }, (_, index) => helper.resolve(images[index % 10]!))
    const resolved = await Promise.all(all)
    expect(resolved.every(({ credentials }) => credentials !== undefined)).toBe(true)
    const asked = (await helpers.asked()).slice(before)
    expect(asked.sort()).toEqual(images.map(({ registry }) => registry).sort())
    await helper.resolve(images[0]!)
    expect(await helpers.asked()).toHaveLength(before + 10)
  })

  it('are forgotten by refresh', async () => {
    const helper = credentialChain(credentialHelper('good', { env: { PATH: helpers.path } }))
    const before = (await helpers.asked()).length
    for (let round = 0; round < 3; round++) {
      await helper.resolve(images[0]!)
      await helper.resolve(images[0]!)
      helper.refresh()
    }
    expect(await helpers.asked()).toHaveLength(before + 3)
  })

  it.each([
    ['are not kept with cacheTtl 0', 'good', { cacheTtl: 0 }, 2],
    ['that there is nothing are kept too', 'not-found', {}, 1],
  ])('%s', async (_what, name, options, processes) => {
    const helper = credentialChain(credentialHelper(name, { env: { PATH: helpers.path }, ...options }))
    const before = (await helpers.asked()).length
    await helper.resolve(images[0]!)
    await helper.resolve(images[0]!)
    expect(await helpers.asked()).toHaveLength(before + processes)
  })

  it('that are failures are not kept', async () => {
    const helper = credentialChain(credentialHelper('fails', { env: { PATH: helpers.path } }))
    const before = (await helpers.asked()).length
    const both = [helper.resolve(images[0]!), helper.resolve(images[0]!)]
    expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await expect(helper.resolve(images[0]!)).rejects.toThrow('status 3')
    expect(await helpers.asked()).toHaveLength(before + 2)
  })
})
