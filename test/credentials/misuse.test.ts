import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  cachedProvider,
  compilePullSecrets,
  credentialChain,
  credentialsFrom,
  dockerConfigJson,
  encodeAuth,
  lintPullSecret,
  lookupDockerConfig,
  matchPullSecrets,
  parseDockerConfig,
  registryAuthHeader,
  settingsCredentials,
} from '../../src/credentials/index.js'

const reference = { registry: 'docker.io', repository: 'library/alpine' }

describe('what is not what it should be', () => {
  it.each<[string, () => unknown]>([
    ['credentials', () => encodeAuth(undefined as never)],
    ['credentials', () => registryAuthHeader('hunter2' as never, 'registry.example.com')],
    ['server', () => registryAuthHeader({ username: 'u', password: 'hunter2' }, undefined as never)],
    ['entries', () => dockerConfigJson(undefined as never)],
    ['config', () => lookupDockerConfig({} as never, 'registry.example.com')],
    ['registry', () => lookupDockerConfig({ auths: {} }, undefined as never)],
    ['config', () => lintPullSecret('hunter2' as never)],
    ['configs must be a list', () => matchPullSecrets({ auths: {} } as never, 'alpine')],
    ['configs[1]', () => compilePullSecrets([{ auths: {} }, 'hunter2' as never])],
    ['provider 2', () => credentialChain(() => undefined, 'hunter2' as never)],
    ['provider', () => cachedProvider('hunter2' as never)],
    ['provider 1', () => credentialChain({ provide: () => undefined } as never)],
    ['cacheTtl', () => cachedProvider(() => undefined, { cacheTtl: '60' as never })],
    ['settings', () => settingsCredentials(undefined as never)],
    ['reference', () => credentialChain(() => undefined).resolve('alpine' as never)],
    ['credentials', () => credentialsFrom('hunter2' as never, reference)],
    ['credentials', () => credentialsFrom(null as never, reference)],
  ])('is named, and not shown: %s', async (name, attempt) => {
    const error: unknown = await Promise.resolve()
      .then(attempt)
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TypeError)
    expect(String(error)).toContain(name)
    expect(String(error)).not.toContain('hunter2')
  })
})

describe('a key with user info', () => {
  it('is printed without it in what lint finds', () => {
    const config = parseDockerConfig({ auths: { 'https://user:canary@registry.example.com/v1': {} } })
    const findings = lintPullSecret(config, 'alpine')
    expect(findings.map(({ key }) => key)).toContain('https://user:canary@registry.example.com/v1')
    for (const printed of [
      inspect(findings),
      inspect(findings, { depth: null }),
      ...findings.map(({ problem }) => problem),
    ]) {
      expect(printed).not.toContain('canary')
    }
  })
})

describe('a key whose path is percent-encoded, and not UTF-8', () => {
  it('is for its host', () => {
    const config = parseDockerConfig({
      auths: { 'https://registry.example.com/%ff': { username: 'u', password: 'p' } },
    })
    expect(lookupDockerConfig(config, 'registry.example.com')).toEqual({ username: 'u', password: 'p' })
  })
})
