import { describe, expect, it } from 'vitest'
import { containersAuthKey } from '../../src/credentials/containers-auth.js'

function keyFor(image: { registry: string; repository: string }, ...keys: string[]): string | undefined {
  return containersAuthKey({ auths: Object.fromEntries(keys.map((key) => [key, {}])) }, image)
}

describe('containersAuthKey', () => {
  const image = { registry: 'quay.io', repository: 'team/app' }
  const hub = { registry: 'docker.io', repository: 'library/alpine' }

  it('takes the key that names the most of the image, then one that is the host as a URL', () => {
    const keys = [
      'quay.io/team/app',
      'quay.io/team',
      'quay.io',
      'https://quay.io',
      'https://quay.io/v1/',
      'http://quay.io',
    ]
    for (let skip = 0; skip < keys.length; skip++) {
      expect(keyFor(image, ...keys.slice(skip).reverse())).toBe(keys[skip])
    }
  })

  it('takes the first by its characters of two that are as good', () => {
    expect(keyFor(image, 'https://quay.io/v2/', 'https://quay.io/v1/')).toBe('https://quay.io/v1/')
    expect(keyFor(image, 'https://quay.io/v1/', 'https://quay.io/v2/')).toBe('https://quay.io/v1/')
  })

  it.each(['index.docker.io', 'registry-1.docker.io', 'https://index.docker.io/v1/', 'https://registry-1.docker.io'])(
    'takes %s for Docker Hub',
    (key) => {
      expect(keyFor(hub, key)).toBe(key)
    },
  )

  it.each([
    'quay.io/other',
    'quay.io/team/app/more',
    'quay.io/te',
    'quay.io:443',
    'my.quay.io',
    'quay.io.evil.example',
    'evil.example/https://quay.io',
    'ftp://quay.io',
    'team/app',
    '',
  ])('finds nothing under %j', (key) => {
    expect(keyFor(image, key)).toBeUndefined()
  })

  it('takes no other registry for Docker Hub, and Docker Hub for no other', () => {
    expect(keyFor(image, 'docker.io', 'index.docker.io')).toBeUndefined()
    expect(keyFor(hub, 'quay.io', 'hub.docker.com')).toBeUndefined()
  })
})
