import { describe, expect, it } from 'vitest'
import {
  credentialChain,
  type CredentialProvider,
  formatTrace,
  type NamedProvider,
} from '../../src/credentials/index.js'

const reference = { registry: 'registry.example.com', repository: 'team/app' }
const user = { username: 'u', password: 'p' }

const vault: CredentialProvider = ({ registry }) => (registry === 'registry.example.com' ? user : undefined)
const empty: NamedProvider = {
  name: 'empty',
  provide: async ({ registry }, { note }) => {
    await Promise.resolve()
    note(`knows nothing about ${registry}`)
    return undefined
  },
}

describe('credentialChain', () => {
  it('takes the first credentials and says who was asked', async () => {
    const resolved = await credentialChain(empty, vault, empty).resolve(reference)
    expect(resolved).toMatchObject({
      credentials: user,
      source: 'vault',
      trace: [
        { source: 'empty', outcome: 'nothing', detail: 'knows nothing about registry.example.com' },
        { source: 'vault', outcome: 'found', detail: '' },
        { source: 'empty', outcome: 'not asked', detail: '' },
      ],
    })
    expect(formatTrace(resolved.trace)).toBe(
      "empty: nothing for registry.example.com (knows nothing about registry.example.com)\nvault: found user 'u' for registry.example.com\nempty: not asked",
    )
  })

  it('is anonymous when nobody knows anything', async () => {
    expect(await credentialChain(empty).resolve(reference)).toMatchObject({
      credentials: undefined,
      source: 'anonymous',
      trace: [{ source: 'empty', outcome: 'nothing', detail: 'knows nothing about registry.example.com' }],
    })
    const none = await credentialChain().resolve(reference)
    expect(none).toEqual({ credentials: undefined, source: 'anonymous', trace: [] })
    expect(formatTrace(none.trace)).toBe('no source of credentials was asked')
  })

  it('ends with the error of a source, and asks nobody behind it', async () => {
    const broken = new Error('docker-credential-x crashed')
    let asked = false
    const chain = credentialChain({ name: 'broken', provide: () => Promise.reject(broken) }, () => {
      asked = true
      return user
    })
    await expect(chain.resolve(reference)).rejects.toBe(broken)
    expect(asked).toBe(false)
  })

  it('refuses what cannot be sent, naming its source', async () => {
    const chain = credentialChain({ name: 'vault', provide: () => ({ username: 'u\n', password: 'hunter2' }) })
    await expect(chain.resolve(reference)).rejects.toMatchObject({
      code: 'ERR_CREDENTIALS',
      message: 'vault: credentials cannot be sent: username has a control character at position 1',
      hint: expect.stringContaining('Check for what came along') as string,
    })
    await expect(credentialChain(() => ({}) as never).resolve(reference)).rejects.toThrow(TypeError)
  })

  it('stops between sources, and hands the signal on', async () => {
    const controller = new AbortController()
    const stopping: NamedProvider = {
      name: 'stopping',
      provide: (_reference, { signal }) => {
        expect(signal).toBe(controller.signal)
        controller.abort(new Error('enough'))
        return undefined
      },
    }
    await expect(credentialChain(stopping, vault).resolve(reference, { signal: controller.signal })).rejects.toThrow(
      'enough',
    )
  })

  it('refreshes sources that can, and passes over those that cannot', () => {
    let refreshed = 0
    credentialChain(empty, vault, {
      ...empty,
      refresh: () => {
        refreshed++
      },
    }).refresh()
    expect(refreshed).toBe(1)
  })

  it('does not change what a source returns', async () => {
    const given = Object.freeze({ ...user })
    const { credentials } = await credentialChain(() => given).resolve(reference)
    expect(credentials).toEqual(user)
    expect(credentials).not.toBe(given)
  })

  it('numbers functions without a name, and takes what is no source for misuse', async () => {
    const { source } = await credentialChain(empty, ...[() => user]).resolve(reference)
    expect(source).toBe('provider 2')
    expect(() => credentialChain({ name: 'x' } as never)).toThrow(
      new TypeError('credentialChain: provider 1 must be a function, a chain, or have a name and provide'),
    )
  })
})
