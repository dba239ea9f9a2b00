import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PullpassError } from '../../src/errors.js'
import { loadSettings } from '../../src/node/index.js'
import { temporaryFolder } from '../support/processes.js'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeAll(async () => {
  folder = await temporaryFolder()
})
afterAll(() => folder.remove())

async function file(name: string, text: string): Promise<string> {
  const path = join(folder.path, name)
  await writeFile(path, text)
  return path
}

async function failure(path: string): Promise<PullpassError> {
  const error: unknown = await loadSettings({ file: path, env: {} }).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(PullpassError)
  return error as PullpassError
}

describe('loadSettings', () => {
  it('reads YAML, with the environment over it', async () => {
    const yaml =
      'opencti:\n  daemon:\n    registry:\n      server: registry.example.com\n      username: u\n      password: p\n'
    const env = { OPENCTI__DAEMON__REGISTRY__PASSWORD: 'other' }
    const settings = await loadSettings({ file: await file('good.yaml', yaml), env })
    expect(settings.registry).toMatchObject({ server: 'registry.example.com', username: 'u', password: 'other' })
  })

  it('reads JSON, an empty file, and no file', async () => {
    const json = JSON.stringify({ opencti: { daemon: { registry: { server: 'localhost:5000' } } } })
    expect((await loadSettings({ file: await file('good.json', json), env: {} })).registry?.server).toBe(
      'localhost:5000',
    )
    expect((await loadSettings({ file: await file('empty.yaml', ''), env: {} })).registry).toBeUndefined()
    expect((await loadSettings({ env: {} })).registry).toBeUndefined()
  })

  it('says where a file is not YAML, without quoting it', async () => {
    const path = await file('broken.yaml', 'opencti:\n  daemon:\n    registry:\n      password: "canary\n')
    const error = await failure(path)
    expect(error.code).toBe('ERR_SETTINGS')
    expect(error.message).toMatch(/broken\.yaml, line \d+, column \d+: not YAML/)
    expect(inspect(error)).not.toContain('canary')
  })

  it.each([
    ['a key that is there twice', 'opencti: {}\nopencti: {}\n', 'Write the key once'],
    ['a tab', 'opencti:\n\tdaemon: {}\n', 'Indent with spaces'],
    ['anything else', 'opencti: [\n', 'Quote values'],
  ])('says what to do about %s', async (_, text, hint) => {
    expect((await failure(await file('wrong.yaml', text))).hint).toContain(hint)
  })

  it('refuses aliases that multiply', async () => {
    const levels = Array.from(
      { length: 12 },
      (_, n) => `l${n + 1}: &l${n + 1} [${'*l'.concat(String(n), ', ').repeat(9)}]`,
    )
    const error = await failure(await file('laughs.yaml', ['l0: &l0 x', ...levels].join('\n')))
    expect(error.code).toBe('ERR_SETTINGS')
  })

  it('says which file cannot be read', async () => {
    const error = await failure(join(folder.path, 'none.yaml'))
    expect(error.code).toBe('ERR_SETTINGS')
    expect(error.message).toContain('none.yaml')
  })

  it('names the file in front of a wrong key', async () => {
    const path = await file('wrong.yaml', 'opencti: { daemon: { registry: { token_ttl: soon } } }')
    expect((await failure(path)).message).toBe(
      `${path}: opencti.daemon.registry.token_ttl: found 'soon', expected a number of seconds, 0 or more`,
    )
  })

  it('prints nothing of a template that was not filled in', async () => {
    const warned: string[] = []
    const listen = (warning: Error): void => void warned.push(warning.message)
    process.on('warning', listen)
    const yaml = 'opencti:\n  daemon:\n    registry:\n      username: u\n      password: {{ canary }}\n'
    const error = await failure(await file('template.yaml', yaml))
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', listen)
    expect(error.message).toContain('opencti.daemon.registry.password: found an object, expected a string')
    expect(`${inspect(error)} ${warned.join()}`).not.toContain('canary')
  })

  it('asks for an object', async () => {
    await expect(loadSettings('opencti.yaml' as never)).rejects.toThrow(
      new TypeError('options must be an object, not a string'),
    )
  })

  it('stops when told to', async () => {
    const path = await file('stopped.yaml', '')
    await expect(loadSettings({ file: path, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
  })
})
