import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { hasRegistry, parseImageReference, resolveImage } from '../../src/reference/index.js'
import { refusalOf } from '../support/errors.js'

const digest = `sha256:${'0'.repeat(64)}`
const NAME = 'repository name must be lower-case letters and digits, joined by . _ __ / or dashes'
const HOST = 'registry must be a domain name or an IP address (IPv6 in brackets), with an optional port'
const TAG = 'tag must be 1 to 128 letters, digits, _ . or -, and not begin with . or -'
const DIGEST = 'digest must be 64 (sha256), 96 (sha384) or 128 (sha512) lower-case hex digits'

describe('says which rule is broken, by which part, and where', () => {
  it.each([
    ['', `repository name must not be empty: '', at character 1`],
    [':1', `repository name must not be empty: '', at character 1`],
    ['a.b/', `repository name must not be empty: '', at character 5`],
    [`@${digest}`, `repository name must not be empty: '', at character 1`],
    ['https://a.b/x', `it must not have a scheme: 'https://', at character 1`],
    ['Alpine', `repository name must be lowercase: 'Alpine', at character 1`],
    ['aZ', `repository name must be lowercase: 'aZ', at character 2`],
    ['docker.io/library/myApp:1', `repository name must be lowercase: 'library/myApp', at character 21`],
    ['my app', `${NAME}: 'my app', at character 3`],
    ['a//b', `${NAME}: 'a//b', at character 3`],
    ['a-:1', `${NAME}: 'a-', at character 3`],
    ['a___b', `${NAME}: 'a___b', at character 4`],
    ['a.b/x/😀', `${NAME}: 'x/😀', at character 7`],
    ['a\nb', `${NAME}: 'a\\nb', at character 2`],
    ['a..b/x', `${HOST}: 'a..b', at character 3`],
    ['-a.b/x', `${HOST}: '-a.b', at character 1`],
    ['a.b-/x', `${HOST}: 'a.b-', at character 5`],
    ['a.b:/x', `${HOST}: 'a.b:', at character 5`],
    ['a.b:5x/x', `${HOST}: 'a.b:5x', at character 6`],
    ['my_reg.com:5000/x', `${HOST}: 'my_reg.com:5000', at character 3`],
    ['[::1/x', `${HOST}: '[::1', at character 5`],
    ['[::1]x/x', `${HOST}: '[::1]x', at character 6`],
    ['[fe80::1%eth0]/x', `${HOST}: '[fe80::1%eth0]', at character 9`],
    ['[]:1/x', `${HOST}: '[]:1', at character 2`],
    ['a:', `${TAG}: '', at character 3`],
    ['a:-1', `${TAG}: '-1', at character 3`],
    ['a:1+b', `${TAG}: '1+b', at character 4`],
    ['a:1:2', `${TAG}: '1:2', at character 4`],
    ['a@sha256:12', `${DIGEST}: 'sha256:12', at character 12`],
    ['a@SHA256:12', `${DIGEST}: 'SHA256:12', at character 3`],
    ['a:1@sha512:xy', `${DIGEST}: 'sha512:xy', at character 12`],
    ['a@md5:12', `only a digest, such as sha256:…, may come after an @, at character 2`],
  ])('%j', (name, expected) => {
    expect(refusalOf(() => parseImageReference(name)).message).toBe(
      `invalid image reference '${name.replace('\n', '\\n')}': ${expected}`,
    )
  })

  it('cuts what is long', () => {
    const { message } = refusalOf(() => parseImageReference(`${'a'.repeat(300)}:${'t'.repeat(300)}`))
    expect(message).toContain(`${'a'.repeat(100)}…'`)
    expect(message.length).toBeLessThan(400)
  })
})

describe('suggests what was plainly meant', () => {
  it.each([
    ['https://registry.com/app:v1', 'registry.com/app:v1'],
    ['http://localhost:5000/app', 'localhost:5000/app'],
    ['oci://ghcr.io/x', 'ghcr.io/x'],
    ['https://registry.com/App:V1/', 'registry.com/app:V1'],
    ['Alpine:V1', 'alpine:V1'],
    ['MyOrg/App', 'myorg/app'],
    [`alpine@${digest.toUpperCase()}`, `alpine@${digest}`],
    ['alpine:', 'alpine'],
    ['a.b/alpine:', 'a.b/alpine'],
    [' alpine\n', 'alpine'],
    ['/alpine/', 'alpine'],
    ['//alpine//', 'alpine'],
    ['localhost:5000/TEAM/APP:V1', 'localhost:5000/team/app:V1'],
    [`${' '.repeat(504)}alpine`, 'alpine'],
  ])('%j: %j', (name, meant) => {
    expect(refusalOf(() => parseImageReference(name)).hint).toBe(`Write '${meant}'.`)
    expect(() => parseImageReference(meant)).not.toThrow()
  })

  it.each(['a b', '', 'a@sha256:12', 'x:1+b', `${' '.repeat(505)}alpine`])('nothing for %j', (name) => {
    expect(refusalOf(() => parseImageReference(name)).hint).toBeUndefined()
  })
})

describe('never repeats what may be a password', () => {
  it.each([
    ['user:hunter2@registry.com/app', '***@registry.com/app'],
    ['user:hunter2@localhost:5000/app:1', '***@localhost:5000/app:1'],
    ['https://user:hunter2@registry.com/app', '***@registry.com/app'],
    ['https://hunter2@registry.com/app', '***@registry.com/app'],
    ['https://user:hunter2@registry.com', 'https:***@registry.com'],
    ['hunter2@ghcr.io/app', '***@ghcr.io/app'],
    ['user:hunter2@registry.com', 'user:***@registry.com'],
    ['user:hunter2@sharepoint.example/app', '***@sharepoint.example/app'],
    ['user:hunter2@myshaped.example', 'user:***@myshaped.example'],
    ['user:hun@ter2@registry.com/app', '***@registry.com/app'],
    ['user:hun/ter2@registry.com/app', '***@registry.com/app'],
    ['user:hun ter2@registry.com/app', '***@registry.com/app'],
    [`user:hunter2@registry.com/app:1@${digest}`, `***@registry.com/app:1@${digest}`],
  ])('%j', (name, shown) => {
    const error = refusalOf(() => parseImageReference(name))
    expect(error.message).toContain(`invalid image reference '${shown}': only a digest`)
    expect(error.hint).toBe('User and password are given as credentials.')
    expect(inspect(error)).not.toMatch(/hun[t@ /]|ter2/)
  })

  it('shows a name with something else after the @', () => {
    expect(refusalOf(() => parseImageReference('alpine@latest')).message).toContain(`'alpine@latest'`)
  })
})

describe('what is not a string', () => {
  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [42, 'a number'],
    [{}, 'an object'],
    [['alpine'], 'a list'],
  ])('%j is refused by its type', (value, kind) => {
    for (const use of [parseImageReference, hasRegistry, resolveImage]) {
      const error = refusalOf(() => use(value as unknown as string))
      expect(error.code).toBe('ERR_IMAGE_REFERENCE')
      expect(error.message).toBe(`image reference is ${kind}, expected a string`)
    }
  })
})
