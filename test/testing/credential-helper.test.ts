import { access } from 'node:fs/promises'
import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { credentialChain, type ResolvedCredentials } from '../../src/credentials/index.js'
import { credentialHelper, defaultCredentials, type DefaultCredentialsOptions } from '../../src/node/index.js'
import { parseImageReference } from '../../src/reference/index.js'
import {
  makeTestClock,
  makeTestCredentialHelper,
  type TestCredentialHelper,
  type TestHelperAnswer,
} from '../../src/testing/index.js'

const HOST = 'registry.example.com:5000'
const secret = 's3cr3t-c4n4ry'

async function helperWith(answers: Record<string, TestHelperAnswer>): Promise<TestCredentialHelper> {
  const helper = await makeTestCredentialHelper('vault', answers)
  onTestFinished(() => helper.close())
  return helper
}

function look(
  { env }: TestCredentialHelper,
  image = `${HOST}/team/app`,
  options: DefaultCredentialsOptions = {},
): Promise<ResolvedCredentials> {
  return defaultCredentials({}, { env, ...options }).resolve(parseImageReference(image))
}

describe('makeTestCredentialHelper', () => {
  it.each<[string, TestHelperAnswer, object | undefined]>([
    ['user and secret', { username: 'alice', secret }, { username: 'alice', password: secret }],
    ['an identity token', { username: '<token>', secret }, { identityToken: secret }],
    ['what a shell would act on', { username: '$x`id`', secret: `'"\\\n$(id)%s` }, { username: '$x`id`' }],
    ['words of its own', { stdout: '{"Username":"bob","Secret":"x"}', stderr: 'old' }, { username: 'bob' }],
    ['that it has none', 'not found', undefined],
    ['nobody', { stdout: '{"Username":"","Secret":""}' }, undefined],
  ])('answers: %s', async (_, answer, credentials) => {
    const helper = await helperWith({ [HOST]: answer })
    const found = await look(helper)
    if (credentials) expect(found.credentials).toMatchObject(credentials)
    else expect(found.credentials).toBeUndefined()
    expect(await helper.calls()).toEqual([HOST])
  })

  it('hands out a secret to the letter', async () => {
    const odd = `'"\\\n$(id)%s\u00fc`
    const helper = await helperWith({ [HOST]: { username: 'alice', secret: odd } })
    expect((await look(helper)).credentials).toEqual({ username: 'alice', password: odd })
  })

  it.each<[string, TestHelperAnswer, RegExp]>([
    ['a crash', { stderr: 'the vault is sealed', status: 3 }, /docker-credential-vault.*3.*the vault is sealed/],
    ['rubbish', { stdout: 'Welcome!' }, /docker-credential-vault.*is not JSON/],
    ['silence', {}, /docker-credential-vault.*is not JSON/],
    ['no end', 'hang', /docker-credential-vault did not answer in time/],
  ])('fails: %s', async (_, answer, message) => {
    const helper = await helperWith({ [HOST]: answer })
    const failure = look(helper, `${HOST}/app`, { timeout: 0.3 })
    await expect(failure).rejects.toMatchObject({ code: 'ERR_CREDENTIALS' })
    await expect(failure).rejects.toThrow(message)
  })

  it('knows each server by itself, Docker Hub by the name that docker login has for it', async () => {
    const helper = await helperWith({
      [HOST]: { username: 'alice', secret },
      'https://index.docker.io/v1/': { username: 'hub', secret },
    })
    expect((await look(helper)).credentials).toMatchObject({ username: 'alice' })
    expect((await look(helper, 'alpine')).credentials).toMatchObject({ username: 'hub' })
    expect((await look(helper, 'ghcr.io/acme/app')).credentials).toBeUndefined()
    expect(await helper.calls()).toEqual([HOST, 'https://index.docker.io/v1/', 'ghcr.io'])
  })

  it('answers otherwise when it is told to, which shows when the kept answer has grown old', async () => {
    const helper = await helperWith({ [HOST]: { username: 'alice', secret } })
    const clock = makeTestClock()
    const chain = credentialChain(credentialHelper('vault', { env: helper.env, cacheTtl: 60, clock }))
    const user = async (): Promise<unknown> => (await chain.resolve(parseImageReference(`${HOST}/app`))).credentials
    expect(await user()).toMatchObject({ username: 'alice' })
    await helper.answer(HOST, { username: 'bob', secret })
    clock.advance(59)
    expect(await user()).toMatchObject({ username: 'alice' })
    clock.advance(1)
    expect(await user()).toMatchObject({ username: 'bob' })
    expect(await helper.calls()).toHaveLength(2)
  })

  it('leaves nothing behind', async () => {
    let folder: string
    {
      await using helper = await makeTestCredentialHelper('vault')
      folder = helper.env.PATH
      await access(`${folder}/docker-credential-vault`)
    }
    await expect(access(folder)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('prints without its secrets', async () => {
    const helper = await helperWith({ [HOST]: { username: 'alice', secret } })
    expect(inspect(helper)).toBe(`TestCredentialHelper(${helper.env.PATH}/docker-credential-vault)`)
  })

  it.each([['../x'], [''], ['a b'], [7 as unknown as string]])('refuses the name %j', async (name) => {
    await expect(makeTestCredentialHelper(name)).rejects.toThrow(/^name must/)
  })

  it.each([
    'none' as 'hang',
    null as unknown as 'hang',
    { username: 'alice' } as unknown as 'hang',
    { stderr: 7 } as unknown as 'hang',
    { status: 256 },
  ])('refuses the answer %j', async (answer) => {
    await expect(makeTestCredentialHelper('vault', { [HOST]: answer })).rejects.toThrow(
      `the answer for ${HOST} must be`,
    )
    const helper = await helperWith({})
    await expect(helper.answer(HOST, answer)).rejects.toThrow(TypeError)
  })
})
