import { describe, expect, it } from 'vitest'
import { answer, notFound } from '../support/login/fake-helper.js'
import { auths, HOST, HUB, SECRET, userOf } from '../support/login/home.js'
import { useHome } from '../support/login/use-home.js'

const { home } = useHome({ one: answer('helper-one', SECRET), empty: notFound })

describe("Podman's files", () => {
  const both = {
    auths: {
      ...auths('app', `${HOST}/team/app`).auths,
      ...auths('team', `${HOST}/team`).auths,
      ...auths('host').auths,
    },
  }

  it.each([
    [`${HOST}/team/app:1.0`, 'app'],
    [`${HOST}/team/app/sub`, 'app'],
    [`${HOST}/team/other@sha256:${'0'.repeat(64)}`, 'team'],
    [`${HOST}/team-evil/app`, 'host'],
    [`${HOST}/app`, 'host'],
    [`${HOST}:5000/team/app`, undefined],
  ])('have keys for paths: %s', async (image, user) => {
    await home.write('.config/containers/auth.json', both)
    expect(userOf(await home.look({ image }))).toBe(user)
  })

  it('have keys for a path alone', async () => {
    await home.write('.config/containers/auth.json', auths('team', `${HOST}/team`))
    expect(userOf(await home.look())).toBe('team')
    for (const image of ['team-evil/app', 'teamwork', 'other/team/app', 'app']) {
      expect((await home.look({ image: `${HOST}/${image}` })).source).toBe('anonymous')
    }
  })

  it.each([
    'docker.io',
    HUB,
    'index.docker.io',
    'registry-1.docker.io',
    'docker.io/library',
    'docker.io/library/alpine',
  ])('know Docker Hub as %s', async (key) => {
    await home.write('.config/containers/auth.json', auths('hub', key))
    expect(userOf(await home.look({ image: 'alpine' }))).toBe('hub')
  })

  it.each([`https://${HOST}`, `http://${HOST}/v1/`, `https://${HOST}/v2/`])('know a URL: %s', async (key) => {
    await home.write('.config/containers/auth.json', auths('url', key))
    expect(userOf(await home.look())).toBe('url')
  })

  it('name helpers, whose hosts have no inline fallback here, but in the next file', async () => {
    await home.write('run/containers/auth.json', {
      ...auths('inline'),
      credHelpers: { [HOST]: 'empty', 'docker.io': 'one' },
    })
    const env = { XDG_RUNTIME_DIR: home.at('run') }
    expect((await home.look({ env })).source).toBe('anonymous')
    await home.write('.config/containers/auth.json', auths('next'))
    expect(userOf(await home.look({ env }))).toBe('next')
    const { source, trace } = await home.look({ env, image: 'alpine' })
    expect(source).toBe('docker-credential-one')
    expect(trace.find(({ outcome }) => outcome === 'found')).toMatchObject({ asked: 'docker.io' })
  })

  it('an entry that is empty is nothing, and the next file is asked', async () => {
    await home.write('run/containers/auth.json', { auths: { [HOST]: {} } })
    await home.write('.config/containers/auth.json', auths('next'))
    expect(userOf(await home.look({ env: { XDG_RUNTIME_DIR: home.at('run') } }))).toBe('next')
  })
})
