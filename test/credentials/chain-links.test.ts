import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { credentialChain, type NamedProvider } from '../../src/credentials/chain.js'
import { formatTrace } from '../../src/credentials/trace.js'

const image = { registry: 'registry.example.com', repository: 'team/app' }
const user = { username: 'ci', password: 'hunter2' }

const none = (name: string): NamedProvider => ({ name, provide: () => undefined })
const some = (name: string): NamedProvider => ({ name, provide: () => user })

describe('a chain as a link of another', () => {
  it('has its sources in the place where it stands', async () => {
    const inner = credentialChain(none('b'), some('c'), none('d'))
    const chain = credentialChain(none('a'), inner, none('e'))
    expect(chain.sources).toEqual(['a', 'b', 'c', 'd', 'e'])
    const { source, trace } = await chain.resolve(image)
    expect(source).toBe('c')
    expect(trace.map(({ source, outcome }) => `${source} ${outcome}`)).toEqual([
      'a nothing',
      'b nothing',
      'c found',
      'd not asked',
      'e not asked',
    ])
    expect((await credentialChain(some('a'), inner).resolve(image)).trace.map(({ source }) => source)).toEqual([
      'a',
      'b',
      'c',
      'd',
    ])
  })
})

describe('a signal', () => {
  it('ends the wait for a source that does not listen to it', async () => {
    const controller = new AbortController()
    const deaf: NamedProvider = { name: 'deaf', provide: () => new Promise(() => undefined) }
    const resolving = credentialChain(deaf).resolve(image, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(resolving).rejects.toThrow('enough')
  })

  it('that is aborted asks nobody', async () => {
    let asked = 0
    const chain = credentialChain(() => {
      asked++
      return undefined
    })
    await expect(chain.resolve(image, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
    expect(asked).toBe(0)
  })
})

describe('credentials that expire', () => {
  it('say until when they are good', async () => {
    const expiresAt = new Date('2030-01-01')
    const resolved = await credentialChain({ name: 'cloud', provide: () => ({ ...user, expiresAt }) }).resolve(image)
    expect(resolved).toMatchObject({ credentials: user, expiresAt })
    expect(resolved.credentials).not.toHaveProperty('expiresAt')
    expect(await credentialChain(some('a')).resolve(image)).not.toHaveProperty('expiresAt')
  })

  it('say it as a Date', async () => {
    const chain = credentialChain({ name: 'cloud', provide: () => ({ ...user, expiresAt: '2030' as never }) })
    await expect(chain.resolve(image)).rejects.toThrow(new TypeError('cloud: expiresAt must be a valid Date'))
  })
})

describe('a trace', () => {
  it('says what was asked for, what was found and why nothing was, without secrets', async () => {
    const chain = credentialChain(
      {
        name: 'store',
        provide: (_image, { ask, note }) => {
          ask('https://registry.example.com/v1/')
          note('locked')
          return undefined
        },
      },
      none('file'),
      () => ({ identityToken: 'hunter2', username: 'ci' }),
      some('last'),
    )
    const { trace } = await chain.resolve(image)
    expect(formatTrace(trace)).toBe(
      [
        'store: nothing for https://registry.example.com/v1/ (locked)',
        'file: nothing for registry.example.com',
        "provider 3: found an identity token of user 'ci' for registry.example.com",
        'last: not asked',
      ].join('\n'),
    )
    expect(inspect(trace)).not.toContain('hunter2')
  })

  it.each([
    [user, "user 'ci'"],
    [{ identityToken: 'hunter2' }, 'an identity token'],
    [{ registryToken: 'hunter2' }, 'a registry token'],
  ])('calls %j what it is', async (credentials, found) => {
    const { trace } = await credentialChain({ name: 'x', provide: () => credentials }).resolve(image)
    expect(trace).toMatchObject([{ found }])
  })
})
