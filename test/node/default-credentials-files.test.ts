import { chmod, mkdir, readdir, readlink } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { readConfigFile } from '../../src/node/config-files.js'
import { defaultCredentials } from '../../src/node/default-credentials.js'
import { parseImageReference } from '../../src/reference/index.js'
import type { Env } from '../../src/settings/index.js'
import { auths, HOST, SECRET } from '../support/login/home.js'
import { useHome } from '../support/login/use-home.js'
import { recordingLogger } from '../support/recording-logger.js'

const { home } = useHome()

describe('files that are there and cannot be used', () => {
  const places: readonly [string, string][] = [
    ['.docker/config.json', ''],
    ['mine.json', 'REGISTRY_AUTH_FILE'],
    ['containers/auth.json', 'XDG_RUNTIME_DIR'],
    ['.config/containers/auth.json', ''],
    ['.dockercfg', ''],
  ]
  const envOf = (path: string, variable: string): Env =>
    variable === '' ? {} : { [variable]: variable === 'XDG_RUNTIME_DIR' ? home.path : home.at(path) }

  it.each(places)('are an error with path and position: %s', async (path, variable) => {
    const file = await home.write(path, `{\n  "auths": { "${HOST}": { "auth": ${SECRET} } }\n}`)
    const { message } = await home.failure({ env: envOf(path, variable) })
    expect(message).toContain(`${file}: `)
    expect(message).toContain('line 2, column 48')
  })

  it.each(places)('are an error with path and key, for a wrong entry: %s', async (path, variable) => {
    const entry = { [HOST]: { auth: SECRET } }
    const file = await home.write(path, path === '.dockercfg' ? entry : { auths: entry })
    const env = envOf(path, variable)
    const { message } = await home.failure({ env })
    expect(message).toContain(`${file}: `)
    expect(message).toContain(`auths["${HOST}"]`)
    expect((await home.look({ env, image: 'ghcr.io/x' })).source).toBe('anonymous')
  })

  it.each(places)('are an error when they cannot be read: %s', async (path, variable) => {
    await mkdir(home.at(path), { recursive: true })
    const { message } = await home.failure({ env: envOf(path, variable) })
    expect(message).toContain(`${home.at(path)} cannot be read (EISDIR)`)
  })

  it.runIf(process.platform === 'linux')('are not left open by a look-up that is stopped', async () => {
    const file = await home.write('.docker/config.json', auths('u'))
    for (let round = 0; round < 20; round++) {
      const stop = new AbortController()
      const reading = readConfigFile(file, stop.signal)
      stop.abort(new Error('enough'))
      await expect(reading).rejects.toThrow('enough')
    }
    await readConfigFile(file, undefined)
    const open = await Promise.all(
      (await readdir('/proc/self/fd')).map((each) => readlink(`/proc/self/fd/${each}`).catch(() => '')),
    )
    expect(open.filter((path) => path === file)).toEqual([])
  })

  it('such as one in what is no directory', async () => {
    const file = await home.write('config.json', auths('u'))
    const error = await home.failure({ env: { DOCKER_CONFIG: file } })
    expect(error.message).toBe(`${file}/config.json cannot be read (ENOTDIR)`)
    expect(error).toHaveProperty('hint', expect.stringContaining('DOCKER_CONFIG') as string)
  })

  it('such as one that never ends', async () => {
    expect((await home.failure({ env: { REGISTRY_AUTH_FILE: '/dev/zero' } })).message).toContain('/dev/zero: ')
  })
})

describe('a file that others can read', () => {
  it.skipIf(process.platform === 'win32')('is a warning, once, and a note in the trace', async () => {
    const file = await home.write('.docker/config.json', auths('open'))
    await chmod(file, 0o644)
    const logger = recordingLogger()
    const chain = defaultCredentials({}, { env: home.env(), logger, cacheTtl: 0 })
    const { trace } = await chain.resolve(parseImageReference(`${HOST}/app`))
    await chain.resolve(parseImageReference(`${HOST}/app`))
    expect(trace[2]?.detail).toBe(`auths["${HOST}"]; others can read this file, its mode is 0644`)
    const message = 'Others can read the credentials in this file: chmod 600 it'
    expect(logger.lines).toEqual([{ level: 'warn', fields: { file, mode: '0644' }, message }])
  })
})
