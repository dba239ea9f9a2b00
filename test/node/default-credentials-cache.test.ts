import { describe, expect, it } from 'vitest'
import { defaultCredentials } from '../../src/node/default-credentials.js'
import { parseImageReference } from '../../src/reference/index.js'
import { answer } from '../support/login/fake-helper.js'
import { auths, HOST, SECRET, userOf } from '../support/login/home.js'
import { useHome } from '../support/login/use-home.js'

const { home, asked } = useHome({ one: answer('helper-one', SECRET) })

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
    const before = (await asked()).length
    const chain = defaultCredentials({}, { env: home.env() })
    const images = Array.from({ length: 1000 }, (_, index) =>
      parseImageReference(`r${index % 10}.example.com/app${index}`),
    )
    const resolved = await Promise.all(images.map((image) => chain.resolve(image)))
    expect(new Set(resolved.map(userOf))).toEqual(new Set(['helper-one']))
    expect((await asked()).slice(before).sort()).toEqual(images.slice(0, 10).map(({ registry }) => registry))
    chain.refresh()
    await chain.resolve(images[0]!)
    expect(await asked()).toHaveLength(before + 11)
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
