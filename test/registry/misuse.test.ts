import { describe, expect, it, onTestFinished } from 'vitest'
import { PullpassError } from '../../src/errors.js'
import { createRegistryClient } from '../../src/registry/index.js'
import { makeTestImage, startTestRegistry } from '../../src/testing/index.js'

describe('createRegistryClient names what is not what it should be', () => {
  it.each<[string, unknown]>([
    ['options must be an object', null],
    ['options must be an object', 'registry.example.com'],
    ['insecure must be a list of strings, not a string', { insecure: 'registry.example.com:5000' }],
    ['insecure must be a list of strings, not a number', { insecure: 1 }],
    ['tokenServers must be a list of strings, not a string', { tokenServers: 'auth.example.com' }],
    ['ca must be a list of strings, not a string', { ca: '-----BEGIN CERTIFICATE-----' }],
    ['ca must hold PEM texts, not paths of files', { ca: ['/etc/ssl/ca.pem'] }],
    ['credentials must be an object, not a string', { credentials: 'ci:hunter2' }],
    ['credentials must be an object, not a promise', { credentials: Promise.resolve({}) }],
  ])('%s', (message, options) => {
    const attempt = (): unknown => createRegistryClient(options as never)
    expect(attempt).toThrow(TypeError)
    expect(attempt).toThrow(message)
    expect(attempt).not.toThrow(/hunter2/)
  })
})

it('a client that was told no credentials does not send its user to the settings', async () => {
  const user = { username: 'ci', password: 'hunter2' }
  const registry = await startTestRegistry({ user, images: { 'acme/app:1.0': makeTestImage() } })
  onTestFinished(() => registry.close())
  const hint = async (credentials?: () => undefined): Promise<unknown> => {
    await using client = createRegistryClient({ credentials })
    const error: unknown = await client.checkPull(`${registry.host}/acme/app:1.0`).catch((thrown: unknown) => thrown)
    return error instanceof PullpassError && error.hint
  }
  expect(await hint()).toMatch(/^Pass credentials to createRegistryClient: .*defaultCredentials/)
  expect(await hint(() => undefined)).toMatch(/^Add username and password .* to the settings/)
})
