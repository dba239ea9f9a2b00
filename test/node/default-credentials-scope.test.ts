import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CredentialChain } from '../../src/credentials/index.js'
import { defaultCredentials } from '../../src/node/default-credentials.js'
import { type ImageReference, parseImageReference } from '../../src/reference/index.js'
import type { Env } from '../../src/settings/index.js'
import { answer, type FakeHelpers, fakeHelpers } from '../support/login/fake-helper.js'
import { auths, Home, HOST, SECRET, settings } from '../support/login/home.js'
import { temporaryFolder } from '../support/processes.js'

// Every source that defaultCredentials knows has credentials for one registry, or for one path on it. Then images come
// by whose names somebody could mistake for being on it.

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let helpers: FakeHelpers

beforeAll(async () => {
  folder = await temporaryFolder()
  const only = `[ "$server" = ${HOST} ] || { echo credentials not found in native keychain; exit 1; }\n`
  helpers = await fakeHelpers(folder.path, { one: answer('helper', SECRET), store: only + answer('store', SECRET) })
})
afterAll(() => folder.remove())

interface Source {
  readonly settings?: typeof settings
  readonly files?: Readonly<Record<string, unknown>>
  readonly env?: Env
}

/** Credentials for the registry as a whole. */
const sources: Readonly<Record<string, Source>> = {
  settings: { settings },
  DOCKER_AUTH_CONFIG: { env: { DOCKER_AUTH_CONFIG: JSON.stringify(auths('u')) } },
  credHelpers: { files: { '.docker/config.json': { credHelpers: { [HOST]: 'one' } } } },
  credsStore: { files: { '.docker/config.json': { credsStore: 'store' } } },
  'config.json': { files: { '.docker/config.json': auths('u') } },
  'a URL in config.json': { files: { '.docker/config.json': auths('u', `https://${HOST}/v1/`) } },
  'auth.json': { files: { '.config/containers/auth.json': auths('u') } },
  'a helper in auth.json': { files: { '.config/containers/auth.json': { credHelpers: { [HOST]: 'one' } } } },
  '.dockercfg': { files: { '.dockercfg': auths('u').auths } },
}

/** Credentials for `team` on it. */
const scoped: Readonly<Record<string, Source>> = {
  settings: { settings: { registry: { ...settings.registry, server: `${HOST}/team` } } },
  'auth.json': { files: { '.config/containers/auth.json': auths('u', `${HOST}/team`) } },
}

let homes = 0
async function chainOf(source: Source): Promise<CredentialChain> {
  const home = new Home(join(folder.path, `home${homes++}`), helpers.path)
  for (const [path, content] of Object.entries(source.files ?? {})) await home.write(path, content)
  return defaultCredentials(source.settings ?? {}, { env: home.env(source.env) })
}

async function isOffered(source: Source, reference: ImageReference): Promise<boolean> {
  return (await (await chainOf(source)).resolve(reference)).credentials !== undefined
}

const others: readonly (readonly [what: string, image: string])[] = [
  ['a host of which it is the beginning', `${HOST}.evil.net/team/app`],
  ['a host of which it is the end', `evil-${HOST}/team/app`],
  ['a host in front of it', `evil.net/${HOST}/team/app`],
  ['a subdomain', `sub.${HOST}/team/app`],
  ['its parent domain', 'example.com/team/app'],
  ['another dot', `registry-example.com/team/app`],
  ['a port', `${HOST}:5000/team/app`],
  ['the port that https has anyway: to Docker another registry', `${HOST}:443/team/app`],
  ['an address', '127.0.0.1/team/app'],
  ['Docker Hub', 'team/app'],
  ['Docker Hub with its name as a path', 'docker.io/registry.example.com/app'],
]

describe.each(Object.entries(sources))('credentials in %s', (name, source) => {
  it.each(['app', 'team/app', 'team/sub/app:1.0'])('are for an image on their registry: %s', async (path) => {
    expect(await isOffered(source, parseImageReference(`${HOST}/${path}`))).toBe(true)
  })

  it.each(others)('are not for %s: %s', async (_what, image) => {
    expect(await isOffered(source, parseImageReference(image))).toBe(false)
  })

  // A host name is the same in capitals. The settings are compared as one; Docker and Podman compare files to the
  // letter, and so do we for what they wrote.
  it(`are${name === 'settings' ? '' : ' not'} for the host in capitals`, async () => {
    expect(await isOffered(source, parseImageReference('REGISTRY.Example.com/team/app'))).toBe(name === 'settings')
  })

  it.each([
    'registry.examp\u04cfe.com',
    '\uff52egistry.example.com',
    'registry.example\u3002com',
    'registry.example.com\u200b',
    'registry.example.com\0',
    'registry.example.com\n',
    'registry.example.com.',
    'registry.example.com@evil.net',
    'user@registry.example.com',
    'user:password@registry.example.com',
    'https://registry.example.com',
    'registry.example.com/',
    '.registry.example.com',
    '*',
    '__proto__',
    'constructor',
    '',
  ])('are not for a host that no image name can have: %j', async (registry) => {
    expect(await isOffered(source, { registry, repository: 'team/app' })).toBe(false)
  })
})

describe.each(Object.entries(scoped))('credentials for a path in %s', (_name, source) => {
  it.each(['team/app', 'team/sub/app', 'team'])('are for what is in it: %s', async (path) => {
    expect(await isOffered(source, parseImageReference(`${HOST}/${path}`))).toBe(true)
  })

  it.each(['team-evil/app', 'teamwork', 'team.evil/app', 'team_evil/app', 'app', 'other/team/app', 'tea/m/app'])(
    'are not for what is beside it: %s',
    async (path) => {
      expect(await isOffered(source, parseImageReference(`${HOST}/${path}`))).toBe(false)
    },
  )

  it.each(others)('are not for %s: %s', async (_what, image) => {
    expect(await isOffered(source, parseImageReference(image))).toBe(false)
  })
})

describe('no image name', () => {
  it.each([
    `user@${HOST}/team/app`,
    `user:${SECRET}@${HOST}/team/app`,
    `${HOST}@evil.net/team/app`,
    `https://${HOST}/team/app`,
    'registry.examp\u04cfe.com/team/app',
    '\uff52egistry.example.com/team/app',
    `${HOST}\u3002evil.net/team/app`,
    `${HOST}\\.evil.net/team/app`,
    `${HOST}%2eevil.net/team/app`,
    `${HOST}/../team/app`,
    `${HOST}/TEAM/app`,
  ])('is %s', (image) => {
    expect(() => parseImageReference(image)).toThrow(expect.objectContaining({ code: 'ERR_IMAGE_REFERENCE' }))
  })
})
