import { describe, expect, it } from 'vitest'
import { credentialChain, formatTrace, settingsCredentials } from '../../src/credentials/index.js'

const user = { username: 'u', password: 'p' }

async function resolve(server: string, registry: string, repository: string): Promise<unknown> {
  const provider = settingsCredentials({ registry: { server, ...user, insecure: false } })
  return (await credentialChain(provider).resolve({ registry, repository })).credentials
}

describe('settingsCredentials', () => {
  it.each([
    ['registry.example.com', 'registry.example.com', 'app'],
    ['https://registry.example.com/v2/', 'registry.example.com', 'team/app'],
    ['Registry.Example.com', 'registry.EXAMPLE.com', 'app'],
    ['localhost:5000', 'localhost:5000', 'app'],
    ['registry.example.com/team', 'registry.example.com', 'team/app'],
    ['registry.example.com/team', 'registry.example.com', 'team'],
    ['registry.example.com/team/sub/', 'registry.example.com', 'team/sub/app'],
    ['docker.io', 'docker.io', 'library/alpine'],
    ['https://index.docker.io/v1/', 'docker.io', 'library/alpine'],
    ['docker.io/team', 'docker.io', 'team/app'],
  ])('of %s are offered to %s/%s', async (server, registry, repository) => {
    expect(await resolve(server, registry, repository)).toEqual(user)
  })

  it.each([
    ['registry.example.com', 'registry.example.com.evil.net', 'app'],
    ['registry.example.com', 'evil-registry.example.com', 'app'],
    ['registry.example.com', 'example.com', 'registry.example.com/app'],
    ['registry.example.com', 'registry.example.com:5000', 'app'],
    ['registry.example.com:5000', 'registry.example.com', 'app'],
    ['registry.example.com:5000', 'registry.example.com:50000', 'app'],
    ['registry.example.com', 'user@registry.example.com', 'app'],
    ['registry.example.com', 'registry.example.com@evil.net', 'app'],
    ['kiosk.example.com', '\u212aiosk.example.com', 'app'],
    ['registry.example.com', 'reg\u0456stry.example.com', 'app'],
    ['registry.example.com', 'docker.io', 'registry.example.com/app'],
    ['registry.example.com/team', 'registry.example.com', 'team-evil/app'],
    ['registry.example.com/team', 'registry.example.com', 'teamwork'],
    ['registry.example.com/team', 'registry.example.com', 'other/team/app'],
    ['registry.example.com/team', 'registry.example.com', 'TEAM/app'],
    ['docker.io/team', 'docker.io', 'library/alpine'],
    ['docker.io', 'docker.io.evil.net', 'library/alpine'],
  ])('of %s are not offered to %s/%s', async (server, registry, repository) => {
    expect(await resolve(server, registry, repository)).toBeUndefined()
  })

  it('have no e-mail where none is configured', async () => {
    expect(await resolve('r.example.com', 'r.example.com', 'x')).toStrictEqual(user)
  })

  it('keep the e-mail', async () => {
    const provider = settingsCredentials({
      registry: { server: 'r.example.com', ...user, email: 'a@b.c', insecure: false },
    })
    const { credentials } = await credentialChain(provider).resolve({ registry: 'r.example.com', repository: 'x' })
    expect(credentials).toEqual({ ...user, email: 'a@b.c' })
  })

  it.each([
    [{}, 'settings: nothing for docker.io (no registry is configured)'],
    [
      { registry: { server: 'r.example.com', insecure: false } },
      'settings: nothing for docker.io (no username and password are configured)',
    ],
    [
      { registry: { server: 'r.example.com', username: 'u', insecure: false } },
      'settings: nothing for docker.io (no username and password are configured)',
    ],
    [
      { registry: { server: 'r.example.com', password: 'p', insecure: false } },
      'settings: nothing for docker.io (no username and password are configured)',
    ],
    [
      { registry: { server: 'r.example.com', ...user, insecure: false } },
      'settings: nothing for docker.io (credentials are for r.example.com)',
    ],
    [{ registry: { server: 'docker.io', ...user, insecure: false } }, "settings: found user 'u' for docker.io"],
    [
      { registry: { server: 'docker.io/library', ...user, insecure: false } },
      "settings: found user 'u' for docker.io (credentials are for docker.io/library)",
    ],
    [
      { registry: { server: 'r.example.com/team', ...user, insecure: false } },
      'settings: nothing for docker.io (credentials are for r.example.com/team)',
    ],
  ])('say why they are not offered: %j', async (settings, trace) => {
    const resolved = await credentialChain(settingsCredentials(settings)).resolve({
      registry: 'docker.io',
      repository: 'library/alpine',
    })
    expect(formatTrace(resolved.trace)).toBe(trace)
  })

  it('need a server that is one', () => {
    expect(() => settingsCredentials({ registry: { server: 'not a host', ...user, insecure: false } })).toThrow(
      expect.objectContaining({ code: 'ERR_SETTINGS' }),
    )
  })
})
