import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { pullImage, type PullOptions, type PullResult } from '../../../src/adapters/docker/index.js'
import { encodeAuth } from '../../../src/credentials/index.js'
import { makeEngineDouble } from './engine-double.js'

const name = 'registry.example.com/acme/app:v1'
const layer = '{"status":"Downloading","id":"a","progressDetail":{"current":1,"total":2}}\n'
const end = '{"status":"Digest: sha256:abc"}\n'

describe('two pulls of one image', () => {
  it('are one, and an error in what one is told is that one’s alone', async () => {
    const { docker, pulls } = makeEngineDouble()
    const mine = new Error('mine')
    const clumsy = pullImage(docker, name, {
      onProgress: () => {
        throw mine
      },
    })
    const seen: string[] = []
    const other = pullImage(docker, name, { onProgress: ({ phase }) => void seen.push(phase) })
    await expect.poll(() => pulls.length).toBe(1)
    pulls[0]!.write(layer)
    await expect(clumsy).rejects.toBe(mine)
    pulls[0]!.end(end)
    await expect(other).resolves.toMatchObject({ digest: 'sha256:abc' })
    expect(seen.at(-1)).toBe('complete')
    expect(pulls).toHaveLength(1)
  })

  it('are two where the first was stopped before the second came, and three come in time for the second', async () => {
    const { docker, pulls } = makeEngineDouble()
    const controller = new AbortController()
    const stopped = pullImage(docker, name, { signal: controller.signal })
    await expect.poll(() => pulls.length).toBe(1)
    controller.abort(new Error('enough'))
    const second = pullImage(docker, name)
    await expect(stopped).rejects.toThrow('enough')
    await expect.poll(() => pulls.length).toBe(2)
    const third = pullImage(docker, name)
    await new Promise((resolve) => setImmediate(resolve))
    pulls[1]!.end(end)
    await Promise.all([second, third])
    expect(pulls).toHaveLength(2)
  })
})

describe('what an engine says of a pull', () => {
  const credentials = { username: 'puller', password: 'canary/ü 7+5=12' }
  const fails = async (line: string, options: PullOptions = { credentials }): Promise<Error> => {
    const { docker, pulls } = makeEngineDouble()
    const pull: Promise<PullResult> = pullImage(docker, name, options)
    await expect.poll(() => pulls.length).toBe(1)
    pulls[0]!.end(line)
    return pull.then(
      () => expect.unreachable('it succeeded'),
      (error: unknown) => error as Error,
    )
  }

  it.each([
    ['as it is', credentials.password],
    ['in a URL', encodeURIComponent(credentials.password)],
    ['in base64', Buffer.from(credentials.password).toString('base64')],
    ['with the user, in base64', encodeAuth(credentials)],
  ])('shows no password that it repeats %s', async (_, repeated) => {
    const error = await fails(JSON.stringify({ error: `unauthorized: puller and ${repeated} do not fit` }))
    expect(error.message).toContain('puller and *** do not fit')
    expect(inspect(error, { depth: null })).not.toContain(repeated)
  })

  it('has what was tried for credentials, where nothing was', async () => {
    const vault = { name: 'vault', provide: () => undefined }
    const error = await fails('{"error":"pull access denied for acme/app"}', { credentials: vault })
    expect(error).toMatchObject({
      code: 'ERR_ACCESS_DENIED',
      message: expect.stringContaining('vault: nothing') as string,
    })
  })

  it('may be a line that is no object', async () => {
    expect(await fails('null\n5\n{"error":"manifest unknown"}')).toMatchObject({ code: 'ERR_IMAGE_NOT_FOUND' })
  })
})

describe('options of the wrong type', () => {
  const { docker } = makeEngineDouble()
  it.each([
    ['docker', () => pullImage(undefined as never, name)],
    ['options', () => pullImage(docker, name, 'x' as never)],
    ['credentials', () => pullImage(docker, name, { credentials: 'hunter2' as never })],
    ['registryAuth', () => pullImage(docker, name, { registryAuth: 7 as never })],
    ['policy', () => pullImage(docker, name, { policy: 'always' as never })],
    ['retry', () => pullImage(docker, name, { retry: { attempts: -1 } })],
    ['retry', () => pullImage(docker, name, { retry: 3 as never })],
  ])('name the option: %s', async (option, attempt) => {
    const error: unknown = await attempt().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TypeError)
    expect(String(error)).toContain(option)
    expect(String(error)).not.toContain('hunter2')
  })
})
