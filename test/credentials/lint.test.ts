import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { lintPullSecret, matchPullSecrets, parseDockerConfig } from '../../src/credentials/index.js'
import { errorOf } from './errors.js'

const entry = { auth: btoa('u:p') }

function lint(config: object, image?: string): string[] {
  return lintPullSecret(parseDockerConfig(config), image).map(({ key, problem }) =>
    key === undefined ? problem : `${key}: ${problem}`,
  )
}

describe('lintPullSecret', () => {
  it.each([
    'registry.example.com',
    'https://registry.example.com/v2/',
    'registry.example.com:5000/team/app',
    'https://index.docker.io/v1/',
    'index.docker.io',
    'docker.io/opencti',
    'localhost',
    '*.dkr.ecr.*.amazonaws.com',
    '*',
    '[::1]:5000',
    'registry:5000',
    'registry.example.com/team/',
  ])('has nothing to say about %s', (key) => {
    expect(lint({ auths: { [key]: entry } })).toEqual([])
  })

  it('names stores and helpers, which are no part of a node', () => {
    expect(lint({ credsStore: 'desktop', credHelpers: { 'ecr.example.com': 'ecr-login', 'gcr.io': 'gcr' } })).toEqual([
      'credsStore "desktop" names a program of the machine it comes from; kubelet does not run it.',
      'credHelpers for "ecr.example.com", "gcr.io" name programs of the machine they come from; kubelet does not run them.',
      'auths has no entries.',
    ])
    expect(lint({ credHelpers: {}, auths: { 'r.example.com': entry } })).toEqual([])
  })

  it.each([
    ['a.example.com', { identitytoken: 'idt' }, 'identitytoken is not read by kubelet.'],
    ['a.example.com', { ...entry, registrytoken: 'rt' }, 'registrytoken is not read by kubelet.'],
    [
      'a.example.com',
      {},
      'The entry is empty, which marks that docker login put the password into a credential store.',
    ],
    [
      'a.example.com',
      null,
      'The entry is empty, which marks that docker login put the password into a credential store.',
    ],
    ['a.example.com', { username: 'u' }, 'The entry has no password.'],
    ['a.example.com', { identitytoken: '', registrytoken: '', username: 'u' }, 'The entry has no password.'],
    ['a.example.com', { auth: btoa(':p') }, 'The entry has no user name.'],
    [
      'a.example.com',
      { auth: 'hunter2!' },
      'auth of auths["a.example.com"] is not base64: position 7 has a character outside of the alphabet. ' +
        'kubelet refuses all pull secrets of a pod that has this one.',
    ],
    [
      'https://index.docker.io/v1',
      entry,
      'The key never matches: for Docker Hub kubelet knows index.docker.io alone, or with /v1/ and its last slash.',
    ],
    [
      'index.docker.io/team',
      entry,
      'The key never matches: for Docker Hub kubelet knows index.docker.io alone, or with /v1/ and its last slash.',
    ],
    [
      'index.docker.io:5000',
      entry,
      'The key never matches: for Docker Hub kubelet knows index.docker.io alone, or with /v1/ and its last slash.',
    ],
    [
      'registry.example.com/v1',
      entry,
      "Without a slash at the end, /v1 is taken for the beginning of a repository's name.",
    ],
    [
      'registry-1.docker.io',
      entry,
      'The key matches images that are named registry-1.docker.io/... only, not those of docker.io.',
    ],
    ['registry.example.com:*', entry, 'kubelet cannot read the key, or not as a host, and skips the entry.'],
    ['[r]egistry.example.com', entry, 'kubelet cannot read the key, or not as a host, and skips the entry.'],
    ['[::1]', entry, 'kubelet cannot read the key, or not as a host, and skips the entry.'],
    ['', entry, 'The key has no host.'],
    [
      'https://registry.example.com/v2',
      entry,
      "Without a slash at the end, /v2 is taken for the beginning of a repository's name.",
    ],
    [
      'registry.example.com/team/app:1',
      entry,
      'The key never matches. Its path has a tag or a digest, which kubelet does not compare.',
    ],
    ['registry.example.com/te*', entry, 'The key never matches. In a path * stands for itself.'],
    [
      'registry.example.com/TEAM',
      entry,
      'The key never matches. No repository begins with "/TEAM": lower-case words between slashes.',
    ],
    [
      'registry.example.com//team',
      entry,
      'The key never matches. No repository begins with "//team": lower-case words between slashes.',
    ],
    [
      'myregistry',
      entry,
      'The key never matches: in an image name "myregistry", without dot and port, is a user on Docker Hub.',
    ],
    ['REGISTRY.example.com', entry, 'The key matches images that are written with the same capitals only.'],
  ])('says about %j with %j: %s', (key, value, problem) => {
    expect(lint({ auths: { [key]: value } })).toEqual([`${key}: ${problem}`])
  })

  it('says “never” only of keys that match no image that looks like them', () => {
    const keys = [
      'https://index.docker.io/v1',
      'index.docker.io/team',
      'registry.example.com:*',
      '[::1]',
      'registry.example.com/te*',
      'registry.example.com/TEAM',
      'myregistry',
    ]
    const images = [
      'docker.io/v1/x',
      'index.docker.io/team/x',
      'registry.example.com:80/x',
      '[::1]/x',
      'registry.example.com/team',
      'myregistry/x',
      'alpine',
    ]
    const config = parseDockerConfig({ auths: Object.fromEntries(keys.map((key) => [key, entry])) })
    expect(images.flatMap((image) => matchPullSecrets([config], image))).toEqual([])
  })

  it('says when no key matches the image', () => {
    const config = { auths: { 'registry.example.com': entry, 'quay.io': entry } }
    expect(lint(config, 'registry.example.com/x')).toEqual([])
    expect(lint(config, 'alpine')).toEqual([
      'No key matches the image "alpine"; there are "registry.example.com", "quay.io".',
    ])
    expect(lint({}, 'alpine')).toEqual(['auths has no entries.', 'No key matches the image "alpine".'])
    expect(lint({ auths: { 'quay.io': {} } }, 'quay.io/x')[1]).toBe(
      'What matches the image "quay.io/x" has no user name and password.',
    )
  })

  it('does not look for matches when kubelet would not', () => {
    expect(lint({ auths: { 'quay.io': { auth: '!' } } }, 'alpine')).toHaveLength(1)
  })

  it('has a remedy for everything', () => {
    const findings = lintPullSecret(
      parseDockerConfig({ credsStore: 'x', auths: { 'registry.example.com/TEAM': {} } }),
      'alpine',
    )
    expect(findings).toHaveLength(4)
    for (const { remedy } of findings) expect(remedy).toMatch(/^[A-Z].*\.$/)
    expect(findings[2]?.remedy).toBe(
      'Write the host, "registry.example.com", or the first parts of a repository behind it.',
    )
  })

  it.each([
    [
      'r.example.com:*',
      'Write a host with an optional port in digits, such as registry.example.com:5000. Only a host can have *.',
    ],
    ['', 'Write the host of the registry.'],
    ['index.docker.io/team', 'Write https://index.docker.io/v1/, or docker.io/NAMESPACE for a part of Docker Hub.'],
    ['registry-1.docker.io', 'Write https://index.docker.io/v1/.'],
    ['r.example.com:5000/A', 'Write the host, "r.example.com:5000", or the first parts of a repository behind it.'],
    ['r.example.com/v2', 'Write /v2/, or leave it out.'],
    ['registry', 'Write the full name of the host, or its port.'],
    ['R.example.com', 'Write "r.example.com", as image names do.'],
  ])('says about %j what to do: %s', (key, remedy) => {
    expect(lintPullSecret(parseDockerConfig({ auths: { [key]: entry } }))).toMatchObject([{ key, remedy }])
  })

  it('says once that a matching entry lacks something', () => {
    expect(lint({ auths: { 'quay.io': { username: 'u' } } }, 'quay.io/x')).toHaveLength(1)
    expect(lint({ auths: { 'quay.io': { auth: btoa(':p') } } }, 'quay.io/x')).toHaveLength(1)
  })

  it('is printed without user info in a key', () => {
    const [finding] = lintPullSecret(parseDockerConfig({ auths: { 'u:hunter2@R.example.com': entry } }))
    expect(inspect(finding)).toContain("key: '***@R.example.com'")
    expect(inspect(finding)).toContain('The key matches images that are written with the same capitals only.')
  })

  it('refuses an image name that is none', () => {
    expect(errorOf(() => lintPullSecret({ auths: {} }, 'Bad/Image'))).toMatchObject({ code: 'ERR_IMAGE_REFERENCE' })
  })
})
