import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Credentials } from '../../src/credentials/index.js'
import type { Env } from '../../src/settings/index.js'
import { answer, type FakeHelpers, fakeHelpers, notFound } from '../support/login/fake-helper.js'
import { auths, Home, HOST, HUB, SECRET } from '../support/login/home.js'
import { type RecordingEngine, startRecordingEngine } from '../support/login/recording-engine.js'
import { temporaryFolder } from '../support/processes.js'
import { describeReal, findProgram } from '../support/real.js'

// What `docker pull` finds for the same user on the same machine: docker CLI is asked for the same image in the same
// environment, by an engine that only listens to the credentials it sends.

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let helpers: FakeHelpers
let engine: RecordingEngine

beforeAll(async () => {
  folder = await temporaryFolder()
  engine = await startRecordingEngine()
  helpers = await fakeHelpers(folder.path, {
    one: answer('helper-one', SECRET),
    two: answer('helper-two', SECRET),
    token: answer('<token>', SECRET),
    empty: notFound,
    nobody: answer('', ''),
    pass: answer('helper-pass', SECRET),
  })
  await writeFile(join(helpers.path, 'pass'), '#!/bin/sh\n', { mode: 0o755 })
})
afterAll(async () => {
  await engine.stop()
  await folder.remove()
})

async function dockerPull(image: string, env: Env): Promise<Credentials | undefined> {
  await promisify(execFile)(findProgram('docker') ?? 'docker', ['pull', image], {
    env: { ...env, DOCKER_HOST: engine.host },
  })
  const { username = '', password = '', identitytoken, registrytoken } = engine.lastAuth()
  if (registrytoken) return { registryToken: registrytoken }
  if (identitytoken) return { identityToken: identitytoken, ...(username && { username }) }
  return username === '' ? undefined : { username, password }
}

const IMAGE = `${HOST}/team/app`
const CAPITALS = 'REGISTRY.example.com/team/app'

interface Case {
  readonly config: unknown
  readonly image?: string
  readonly env?: Env
}

const cases: Readonly<Record<string, Case>> = {
  'an entry': { config: auths('u') },
  'no entry': { config: auths('u', 'other.example.com') },
  'an empty entry': { config: { auths: { [HOST]: {} } } },
  'a user and a password': { config: { auths: { [HOST]: { username: 'u', password: SECRET } } } },
  'an identity token': { config: { auths: { [HOST]: { auth: auths('u').auths[HOST]?.auth, identitytoken: SECRET } } } },
  'a registry token': { config: { auths: { [HOST]: { registrytoken: SECRET } } } },
  'a URL as a key': { config: auths('u', `https://${HOST}/v1/`) },
  'a path as a key': { config: auths('u', `${HOST}/team`) },
  'another port': { config: auths('u', `${HOST}:5000`) },
  'the port of https': { config: auths('u', `${HOST}:443`) },
  'a host in capitals': { config: auths('u'), image: CAPITALS },
  'a key in capitals': { config: auths('u', 'REGISTRY.example.com') },
  'both in capitals': { config: auths('u', 'REGISTRY.example.com'), image: CAPITALS },
  'a suffix': { config: auths('u'), image: `${HOST}.evil.net/team/app` },
  'Docker Hub': { config: auths('u', HUB), image: 'alpine' },
  'Docker Hub as docker.io': { config: auths('u', 'docker.io'), image: 'alpine' },
  'Docker Hub as index.docker.io': { config: auths('u', 'index.docker.io'), image: 'index.docker.io/library/alpine' },
  'a helper of the host': { config: { credHelpers: { [HOST]: 'one' }, credsStore: 'two' } },
  'a helper of another host': { config: { credHelpers: { 'other.example.com': 'one' }, credsStore: 'two' } },
  'a helper and an entry': { config: { ...auths('u'), credHelpers: { [HOST]: 'one' } } },
  'a helper of another host, and an entry': { config: { ...auths('u'), credHelpers: { 'other.example.com': 'one' } } },
  'a helper of the host as a URL': { config: { ...auths('u'), credHelpers: { [`https://${HOST}`]: 'one' } } },
  'a helper without a name': { config: { ...auths('u'), credHelpers: { [HOST]: '' }, credsStore: 'two' } },
  'a store without a name': { config: { ...auths('u'), credsStore: '' } },
  'a store that gives a token': { config: { credsStore: 'token' } },
  'a store that has none': { config: { credsStore: 'empty' } },
  'a store that has none, and an entry': { config: { ...auths('u'), credsStore: 'empty' } },
  'a store that answers with nobody': { config: { credsStore: 'nobody' } },
  'a helper of Docker Hub': { config: { credHelpers: { [HUB]: 'one' } }, image: 'alpine' },
  'a helper of docker.io': { config: { credHelpers: { 'docker.io': 'one' } }, image: 'alpine' },
  'a store for Docker Hub': { config: { credsStore: 'two' }, image: 'alpine' },
  'nothing about credentials': { config: { psFormat: 'table' } },
  'an empty object': { config: {} },
  'empty auths': { config: { auths: {}, credHelpers: {} } },
  'an empty file': { config: '' },
  'no file': { config: undefined },
  'no file, and no pass': { config: undefined, env: { PATH: '/nowhere' } },
}

describeReal('docker pull and defaultCredentials find the same', ['docker'], () => {
  it.each(Object.entries(cases))('with %s', async (name, { config, image = IMAGE, env: more }) => {
    const home = new Home(join(folder.path, name), helpers.path)
    if (config !== undefined) await home.write('.docker/config.json', config)
    const env = home.env(more)
    const { credentials } = await home.look({ image, ...(more && { env: more }) })
    expect(credentials).toEqual(await dockerPull(image, env))
  })

  it('but for a helper that is missing: docker pull goes on without, here it is an error', async () => {
    const home = new Home(join(folder.path, 'missing'), helpers.path)
    await home.write('.docker/config.json', { credsStore: 'desktop' })
    expect(await dockerPull(IMAGE, home.env())).toBeUndefined()
    expect((await home.failure()).message).toContain('docker-credential-desktop is not in PATH')
  })
})
