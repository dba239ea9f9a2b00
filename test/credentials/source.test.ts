import { describe, expect, it } from 'vitest'
import { credentialChain, credentialsFrom } from '../../src/credentials/index.js'
import { secretsIn } from '../../src/credentials/masked.js'

const image = { registry: 'registry.example.com', repository: 'team/app' }
const user = { username: 'u', password: 'p' }

describe('credentialsFrom', () => {
  it('is anonymous without a source', async () => {
    expect(await credentialsFrom(undefined, image)).toEqual({ credentials: undefined, source: 'anonymous', trace: [] })
  })

  it('takes credentials, a function, an object or a chain', async () => {
    const vault = (): typeof user => user
    const sources = [user, vault, { name: 'vault', provide: vault }, credentialChain({ name: 'vault', provide: vault })]
    const resolved = await Promise.all(sources.map((source) => credentialsFrom(source, image)))
    expect(resolved.map(({ credentials }) => credentials)).toEqual([user, user, user, user])
    expect(resolved.map(({ source }) => source)).toEqual(['given', 'vault', 'vault', 'vault'])
  })

  it('hands the signal on', async () => {
    const aborted = AbortSignal.abort(new Error('enough'))
    await expect(credentialsFrom(user, image, aborted)).rejects.toThrow('enough')
    await expect(credentialsFrom({ name: 'vault', provide: () => user }, image, aborted)).rejects.toThrow('enough')
  })
})

describe('secretsIn', () => {
  it.each([
    [user, ['p', 'u:p']],
    [{ ...user, email: 'a@b.c' }, ['p', 'u:p']],
    [{ identityToken: 'idt' }, ['idt', ':idt']],
    [{ identityToken: 'idt', username: 'u' }, ['idt', 'u:idt']],
    [{ registryToken: 'rt' }, ['rt', ':rt']],
  ])('of %j are %j', (credentials, secrets) => {
    expect(secretsIn(credentials)).toEqual(secrets)
  })
})
