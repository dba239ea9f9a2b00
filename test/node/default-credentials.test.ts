import { mkdir, readFile, symlink } from 'node:fs/promises'
import { relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { credentialChain, formatTrace } from '../../src/credentials/index.js'
import { defaultCredentials } from '../../src/node/default-credentials.js'
import { parseImageReference } from '../../src/reference/index.js'
import type { Env } from '../../src/settings/index.js'
import { answer } from '../support/login/fake-helper.js'
import { auths, HOST, SECRET, settings, userOf } from '../support/login/home.js'
import { useHome } from '../support/login/use-home.js'

const { home } = useHome({ one: answer('helper-one', SECRET), two: answer('helper-two', SECRET) })

interface Source {
  /** What its point in the numbered list of `docs/credentials.md` begins with. */
  readonly documented: string
  readonly source: string
  /** Makes the source, and returns what the environment has to say. */
  readonly make: () => Promise<Env> | Env
}

const sources: readonly Source[] = [
  { documented: 'The settings', source: 'settings', make: () => ({}) },
  {
    documented: '`DOCKER_AUTH_CONFIG`',
    source: 'DOCKER_AUTH_CONFIG',
    make: () => ({ DOCKER_AUTH_CONFIG: JSON.stringify(auths('DOCKER_AUTH_CONFIG')) }),
  },
  {
    documented: '`credHelpers`',
    source: 'docker-credential-one',
    make: async () => {
      await home.write('.docker/config.json', {
        ...auths('config.json'),
        credHelpers: { [HOST]: 'one' },
        credsStore: 'two',
      })
      return {}
    },
  },
  {
    documented: '`credsStore`',
    source: 'docker-credential-two',
    make: async () => {
      await home.write('.docker/config.json', {
        ...auths('config.json'),
        credHelpers: { 'ghcr.io': 'one' },
        credsStore: 'two',
      })
      return {}
    },
  },
  {
    documented: '`auths`',
    source: '.docker/config.json',
    make: async () => {
      await home.write('.docker/config.json', auths('config.json'))
      return {}
    },
  },
  {
    documented: '`REGISTRY_AUTH_FILE`',
    source: 'mine.json',
    make: async () => ({ REGISTRY_AUTH_FILE: await home.write('mine.json', auths('REGISTRY_AUTH_FILE')) }),
  },
  {
    documented: '`$XDG_RUNTIME_DIR/containers/auth.json`',
    source: 'run/containers/auth.json',
    make: async () => {
      await home.write('run/containers/auth.json', auths('XDG_RUNTIME_DIR'))
      return { XDG_RUNTIME_DIR: home.at('run') }
    },
  },
  {
    documented: '`$XDG_CONFIG_HOME/containers/auth.json`',
    source: 'conf/containers/auth.json',
    make: async () => {
      await home.write('conf/containers/auth.json', auths('XDG_CONFIG_HOME'))
      return { XDG_CONFIG_HOME: home.at('conf') }
    },
  },
  {
    documented: '`~/.dockercfg`',
    source: '.dockercfg',
    make: async () => {
      await home.write('.dockercfg', auths('dockercfg').auths)
      return {}
    },
  },
]

describe('the sources, each in front of those below it', () => {
  it('are those of the guide, in its order', async () => {
    const guide = await readFile(new URL('../../docs/credentials.md', import.meta.url), 'utf8')
    const points = [...guide.matchAll(/^(\d+)\. \*\*(.+?)\*\*/gm)].map(([, number, name]) => `${number}. ${name}`)
    expect(points).toEqual(sources.map(({ documented }, index) => `${index + 1}. ${documented}`))
  })

  it.each(sources.map(({ source }, index) => [index + 1, source] as const))('%i. %s', async (place) => {
    // From the last to this one: where two write the same file, the one further up is there.
    const envs: Env[] = []
    for (const { make } of sources.slice(place - 1).reverse()) envs.push(await make())
    const env = Object.assign({}, ...envs) as Env
    const expected = sources[place - 1]!.source
    const resolved = await home.look({ env, settings: place === 1 ? settings : {} })
    expect(resolved.source).toBe(/json|cfg/.test(expected) ? home.at(expected) : expected)
    expect(userOf(resolved)).toBeDefined()
    const outcomes = resolved.trace.map(({ outcome }) => outcome)
    const found = outcomes.indexOf('found')
    expect(outcomes.slice(0, found).every((outcome) => outcome === 'nothing')).toBe(true)
    expect(outcomes.slice(found + 1).every((outcome) => outcome === 'not asked')).toBe(true)
  })

  it('and else none: the pull is anonymous, and the trace says why', async () => {
    const resolved = await home.look({ settings: { registry: { ...settings.registry, server: 'other.example.com' } } })
    expect(resolved).toMatchObject({ credentials: undefined, source: 'anonymous' })
    expect(formatTrace(resolved.trace).split('\n')).toEqual([
      `settings: nothing for ${HOST} (credentials are for other.example.com)`,
      `DOCKER_AUTH_CONFIG: nothing for ${HOST} (not set)`,
      `${home.path}/.docker/config.json: nothing for ${HOST} (no such file)`,
      `REGISTRY_AUTH_FILE: nothing for ${HOST} (not set)`,
      `$XDG_RUNTIME_DIR/containers/auth.json: nothing for ${HOST} (not set)`,
      `${home.path}/.config/containers/auth.json: nothing for ${HOST} (no such file)`,
      `${home.path}/.dockercfg: nothing for ${HOST} (no such file)`,
    ])
  })

  it('and without any environment there is nowhere to look', async () => {
    const chain = defaultCredentials({}, { env: {} })
    const { source, trace } = await chain.resolve(parseImageReference('alpine'))
    expect(source).toBe('anonymous')
    expect(trace.map((line) => line.source)).toEqual(chain.sources)
    expect(trace[2]).toMatchObject({
      source: 'config.json',
      detail: 'neither DOCKER_CONFIG nor a home directory is set',
    })
  })

  it('can have others in front of them and behind', async () => {
    await home.write('.docker/config.json', auths('config.json'))
    const defaults = defaultCredentials({}, { env: home.env() })
    const vault = (): { username: string; password: string } => ({ username: 'vault', password: SECRET })
    const image = parseImageReference(`${HOST}/app`)
    expect((await credentialChain(vault, defaults).resolve(image)).source).toBe('vault')
    const { source, trace } = await credentialChain(defaults, vault).resolve(image)
    expect(source).toBe(home.at('.docker/config.json'))
    expect(trace.at(-1)).toEqual({ source: 'vault', outcome: 'not asked', detail: '' })
    expect((await credentialChain(defaults, vault).resolve(parseImageReference('alpine'))).source).toBe('vault')
  })
})

describe('where the files are', () => {
  it('DOCKER_CONFIG names a directory, and hides the one in the home directory', async () => {
    await home.write('.docker/config.json', auths('home'))
    await home.write('elsewhere/config.json', auths('elsewhere'))
    expect(userOf(await home.look({ env: { DOCKER_CONFIG: home.at('elsewhere') } }))).toBe('elsewhere')
    expect(userOf(await home.look({ env: { DOCKER_CONFIG: relative('.', home.at('elsewhere')) } }))).toBe('elsewhere')
    expect(userOf(await home.look({ env: { DOCKER_CONFIG: home.at('nowhere') } }))).toBeUndefined()
  })

  it('an empty variable is one that is not set', async () => {
    await home.write('.docker/config.json', auths('home', 'a.example.com'))
    await home.write('.config/containers/auth.json', auths('containers', 'b.example.com'))
    const names = ['DOCKER_CONFIG', 'DOCKER_AUTH_CONFIG', 'REGISTRY_AUTH_FILE', 'XDG_RUNTIME_DIR', 'XDG_CONFIG_HOME']
    const env = Object.fromEntries(names.map((name) => [name, '']))
    expect(userOf(await home.look({ env, image: 'a.example.com/x' }))).toBe('home')
    expect(userOf(await home.look({ env, image: 'b.example.com/x' }))).toBe('containers')
  })

  it('REGISTRY_AUTH_FILE may be a relative path, and be missing', async () => {
    const file = await home.write('mine.json', auths('mine'))
    expect(userOf(await home.look({ env: { REGISTRY_AUTH_FILE: relative('.', file) } }))).toBe('mine')
    expect((await home.look({ env: { REGISTRY_AUTH_FILE: home.at('none.json') } })).source).toBe('anonymous')
  })

  it('a link leads to the file', async () => {
    const file = await home.write('real.json', auths('linked'))
    await mkdir(home.at('.docker'))
    await symlink(file, home.at('.docker/config.json'))
    expect(userOf(await home.look())).toBe('linked')
  })

  it('.dockercfg does not count beside a config.json, even one with nothing in it', async () => {
    await home.write('.dockercfg', auths('dockercfg').auths)
    await home.write('.docker/config.json', '{}')
    const { source, trace } = await home.look()
    expect(source).toBe('anonymous')
    expect(trace.at(-1)).toMatchObject({
      source: home.at('.dockercfg'),
      detail: 'does not count beside a config.json',
    })
  })
})

describe('misuse', () => {
  it.each([{ cacheTtl: -1 }, { cacheTtl: '60' as never }, { timeout: 0 }])('is a TypeError: %j', (options) => {
    expect(() => defaultCredentials({}, { env: {}, ...options })).toThrow(TypeError)
  })

  it('of the settings is theirs', () => {
    const registry = { ...settings.registry, server: 'not a host' }
    expect(() => defaultCredentials({ registry }, { env: {} })).toThrow(
      expect.objectContaining({ code: 'ERR_SETTINGS' }),
    )
  })
})
