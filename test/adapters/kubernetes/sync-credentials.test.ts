import { describe, expect, it } from 'vitest'
import { readContent, refresh, type SyncContent } from '../../../src/adapters/kubernetes/sync-credentials.js'
import type { ImageReference } from '../../../src/reference/index.js'
import { PASSWORD, registry } from './support.js'

const read = (options: SyncContent): ReturnType<typeof readContent> => readContent(options, undefined)
const user = { username: 'u', password: PASSWORD }
const [soon, late] = [new Date('2030-01-01T00:00:00Z'), new Date('2030-01-02T00:00:00Z')]

describe('readContent', () => {
  it('takes a registry of the settings', async () => {
    expect(await read({ registry })).toEqual({ content: { registry }, expiresAt: undefined })
    expect(await read({ registry: { server: 'r.example.com' } })).toMatchObject({ expiresAt: undefined })
  })

  it('takes credentials, and providers of them, for each server', async () => {
    const asked: ImageReference[] = []
    const credentials = {
      'a.example.com': user,
      'https://b.example.com:5000/v2/': (reference: ImageReference) => {
        asked.push(reference)
        return { ...user, expiresAt: late }
      },
      'c.example.com/team': { name: 'c', provide: (reference: ImageReference) => void asked.push(reference) },
      'd.example.com': { ...user, expiresAt: soon },
    }
    expect(await read({ credentials })).toEqual({
      content: {
        credentials: { 'a.example.com': user, 'https://b.example.com:5000/v2/': user, 'd.example.com': user },
      },
      expiresAt: soon.getTime(),
    })
    expect(asked).toEqual([
      { registry: 'b.example.com:5000', repository: 'any' },
      { registry: 'c.example.com', repository: 'team' },
    ])
  })

  it.each<[string, SyncContent['credentials']]>([
    ['with one expiry for all', () => ({ credentials: { 'a.example.com': user }, expiresAt: soon })],
    ['with an expiry each', () => Promise.resolve({ 'a.example.com': { ...user, expiresAt: soon } })],
  ])('takes a function that knows all, %s', async (_, credentials) => {
    const content = { credentials: { 'a.example.com': user } }
    expect(await read({ credentials })).toEqual({ content, expiresAt: soon.getTime() })
  })

  it('takes nothing for an answer', async () => {
    const nothing = { content: { credentials: {} }, expiresAt: undefined }
    expect(await read({ credentials: undefined })).toEqual(nothing)
    expect(await read({ credentials: () => undefined })).toEqual(nothing)
  })

  it('knows a registry that is called credentials', async () => {
    const credentials = { credentials: user }
    expect(await read({ credentials: () => credentials })).toMatchObject({ content: { credentials } })
  })

  it('refuses an expiry that is none', async () => {
    const credentials = { 'a.example.com': { ...user, expiresAt: new Date('soon') } }
    await expect(read({ credentials })).rejects.toThrow('expiresAt must be a Date')
  })
})

describe('refresh', () => {
  it('makes sources forget what they know', () => {
    let count = 0
    const source = { name: 'a', provide: () => undefined, refresh: () => count++ }
    refresh({ credentials: { a: source, b: user, c: source } })
    refresh({ credentials: () => undefined })
    refresh({ registry })
    expect(count).toBe(2)
  })
})
