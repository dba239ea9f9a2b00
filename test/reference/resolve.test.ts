import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasRegistry, parseImageReference, resolveImage } from '../../src/reference/index.js'
import { parseRegistryServer } from '../../src/settings/server.js'
import { fullNames, servers, shortNames } from './names.js'

const digest = `sha256:${'0'.repeat(64)}`

describe('hasRegistry', () => {
  it.each([
    ['alpine', false, false],
    ['alpine:3.18', false, false],
    ['my.image', false, false],
    ['my.image:1.0', false, false],
    ['myorg/app', false, false],
    ['myorg/app.v2:1.0', false, false],
    ['registry.com/app', true, true],
    ['docker.io/alpine', true, true],
    ['127.0.0.1/app', true, true],
    ['localhost/app', true, false],
    ['localhost:5000/app', true, false],
    ['registry:5000/app', true, false],
    ['MyRegistry/app', true, false],
    ['[::1]:5000/app', true, false],
    ['localhosts/app', false, false],
    ['[a]/app', false, false],
    ['/app', false, false],
    ['', false, false],
  ])('%j: %j by the Docker rule, %j by the dot', (image, docker, dot) => {
    expect(hasRegistry(image)).toBe(docker)
    expect(hasRegistry(image, { rule: 'docker' })).toBe(docker)
    expect(hasRegistry(image, { rule: 'dot' })).toBe(dot)
  })

  it('refuses a rule that there is not', () => {
    expect(() => hasRegistry('a/b', { rule: 'dots' as 'dot' })).toThrow(
      new TypeError("options.rule must be 'docker' or 'dot'"),
    )
  })

  it('agrees with where the reference is', () => {
    fc.assert(fc.property(fullNames, (image) => hasRegistry(image)))
    fc.assert(
      fc.property(shortNames, (image) => !hasRegistry(image) && parseImageReference(image).registry === 'docker.io'),
    )
  })
})

describe('resolveImage', () => {
  it.each([
    ['connector-misp:5.0.0', 'localhost:5000/connector-misp:5.0.0'],
    ['myorg/connector:1.0', 'localhost:5000/myorg/connector:1.0'],
    [`myorg/connector:1.0@${digest}`, `localhost:5000/myorg/connector:1.0@${digest}`],
    ['docker.io/alpine:3.18', 'docker.io/alpine:3.18'],
    ['registry.com/app:v1', 'registry.com/app:v1'],
    ['localhost:5000/x', 'localhost:5000/x'],
    ['localhost/x', 'localhost/x'],
  ])('%s on localhost:5000 is %s', (image, resolved) => {
    expect(resolveImage(image, { server: 'localhost:5000' })).toBe(resolved)
  })

  it.each([
    ['registry.example.com', 'registry.example.com/app:1'],
    [' https://registry.example.com/ ', 'registry.example.com/app:1'],
    ['https://registry.example.com:5000/v2/', 'registry.example.com:5000/app:1'],
    ['registry.example.com/team/sub/', 'registry.example.com/team/sub/app:1'],
    ['[2001:db8::1]:5000/team', '[2001:db8::1]:5000/team/app:1'],
    ['REGISTRY.example.com', 'REGISTRY.example.com/app:1'],
    ['docker.io', 'docker.io/app:1'],
    ['index.docker.io', 'docker.io/app:1'],
    ['https://index.docker.io/v1/', 'docker.io/app:1'],
    ['registry-1.docker.io', 'docker.io/app:1'],
    ['Docker.IO/myorg', 'docker.io/myorg/app:1'],
  ])('app:1 on %j is %s', (server, resolved) => {
    expect(resolveImage('app:1', { server })).toBe(resolved)
  })

  it('changes nothing where no registry is configured', () => {
    fc.assert(
      fc.property(fc.oneof(shortNames, fullNames), (image) => {
        expect(resolveImage(image)).toBe(image)
        expect(resolveImage(image, {})).toBe(image)
        expect(resolveImage(image, { server: undefined })).toBe(image)
      }),
    )
  })

  it('never prefixes twice, whatever the server', () => {
    fc.assert(
      fc.property(fc.oneof(shortNames, fullNames), servers, (image, server) => {
        const resolved = resolveImage(image, { server })
        expect(resolveImage(resolved, { server })).toBe(resolved)
      }),
      { numRuns: 1000 },
    )
  })

  it('leaves an image alone that names its registry', () => {
    fc.assert(fc.property(fullNames, servers, (image, server) => resolveImage(image, { server }) === image))
  })

  it('puts any other on the server, below its namespace, with its tag and digest', () => {
    fc.assert(
      fc.property(shortNames, servers, (image, server) => {
        const { host, namespace } = parseRegistryServer(server)
        const { registry, repository, ...version } = parseImageReference(resolveImage(image, { server }))
        const { repository: _, ...written } = parseImageReference(image)
        expect({ registry: 'docker.io', ...version }).toStrictEqual(written)
        expect(registry).toBe(host.endsWith('docker.io') ? 'docker.io' : host)
        const path = image.split(/[:@]/, 1).join()
        const expected = namespace === '' ? path : `${namespace}/${path}`
        expect(repository).toBe(registry === 'docker.io' && !expected.includes('/') ? `library/${expected}` : expected)
      }),
      { numRuns: 1000 },
    )
  })

  it('refuses an image that is not valid, with or without a server, or too long with it', () => {
    const refused = expect.objectContaining({ name: 'PullpassError', code: 'ERR_IMAGE_REFERENCE' }) as Error
    expect(() => resolveImage('Alpine', { server: 'localhost:5000' })).toThrow(refused)
    expect(() => resolveImage('https://registry.com/app')).toThrow(refused)
    expect(() => resolveImage('a'.repeat(240), { server: 'localhost:5000/a-long-namespace' })).toThrow(refused)
  })

  it('refuses a server that is not one, even where the image does not need it', () => {
    const refused = expect.objectContaining({ name: 'PullpassError', code: 'ERR_SETTINGS' }) as Error
    for (const server of ['', 'myregistry', 'ftp://registry.com', 'registry.com/Team']) {
      expect(() => resolveImage('alpine', { server })).toThrow(refused)
      expect(() => resolveImage('quay.io/app', { server })).toThrow(refused)
    }
  })
})
