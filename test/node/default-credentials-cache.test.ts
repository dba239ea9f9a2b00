import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { defaultCredentials } from '../../src/node/default-credentials.js'
import { parseImageReference } from '../../src/reference/index.js'
import { answer, type FakeHelpers, fakeHelpers } from '../support/login/fake-helper.js'
import { auths, Home, HOST, SECRET, userOf } from '../support/login/home.js'
import { temporaryFolder } from '../support/processes.js'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let helpers: FakeHelpers
/** A new one for each test. */
let home: Home
let homes = 0

beforeAll(async () => {
  folder = await temporaryFolder()
  helpers = await fakeHelpers(folder.path, { one: answer('helper-one', SECRET) })
})
afterAll(() => folder.remove())
beforeEach(() => {
  home = new Home(join(folder.path, `home${homes++}`), helpers.path)
})

describe('what is kept', () => {
  it('files are read once, until refresh', async () => {
    await home.write('.docker/config.json', auths('first'))
    const chain = defaultCredentials({}, { env: home.env() })
    const image = parseImageReference(`${HOST}/app`)
    expect(userOf(await chain.resolve(image))).toBe('first')
    await home.write('.docker/config.json', auths('second'))
    expect(userOf(await chain.resolve(image))).toBe('first')
    chain.refresh()
    expect(userOf(await chain.resolve(image))).toBe('second')
  })

  it('with cacheTtl 0 they are read each time', async () => {
    await home.write('.docker/config.json', auths('first'))
    const chain = defaultCredentials({}, { env: home.env(), cacheTtl: 0 })
    const image = parseImageReference(`${HOST}/app`)
    expect(userOf(await chain.resolve(image))).toBe('first')
    await home.write('.docker/config.json', auths('second'))
    expect(userOf(await chain.resolve(image))).toBe('second')
  })

  it('1,000 resolutions for 10 registries at once start 10 helper processes', async () => {
    await home.write('.docker/config.json', { credsStore: 'one', credHelpers: { 'r0.example.com': 'one' } })
    const before = (await helpers.asked()).length
    const chain = defaultCredentials({}, { env: home.env() })
    const images = Array.from({ length: 1000 }, (_, index) =>
      parseImageReference(`r${index % 10}.example.com/app${index}`),
    )
    const resolved = await Promise.all(images.map((image) => chain.resolve(image)))
    expect(new Set(resolved.map(userOf))).toEqual(new Set(['helper-one']))
    expect((await helpers.asked()).slice(before).sort()).toEqual(images.slice(0, 10).map(({ registry }) => registry))
    chain.refresh()
    await chain.resolve(images[0]!)
    expect(await helpers.asked()).toHaveLength(before + 11)
  })

  it('a signal ends the wait of the one who gave it, not that of others', async () => {
    await home.write('.docker/config.json', { credsStore: 'one' })
    const chain = defaultCredentials({}, { env: home.env() })
    const image = parseImageReference(`${HOST}/app`)
    const controller = new AbortController()
    const aborted = chain.resolve(image, { signal: controller.signal })
    const other = chain.resolve(image, { signal: new AbortController().signal })
    controller.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    expect(userOf(await other)).toBe('helper-one')
  })
})
