import { chmod } from 'node:fs/promises'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { lookupDockerConfig } from '../../src/credentials/index.js'
import { loadDockerConfig } from '../../src/node/load-docker-config.js'
import { auths, HOST, SECRET } from '../support/login/home.js'
import { useHome } from '../support/login/use-home.js'
import { recordingLogger } from '../support/recording-logger.js'

const { home } = useHome()

describe('loadDockerConfig', () => {
  it('reads config.json in the home directory', async () => {
    await home.write('.docker/config.json', { ...auths('home'), credsStore: 'pass', credHelpers: { 'gcr.io': 'gcr' } })
    const config = await loadDockerConfig({ env: home.env() })
    expect(config).toEqual({ ...auths('home'), credsStore: 'pass', credHelpers: { 'gcr.io': 'gcr' } })
    expect(inspect(config, { depth: Infinity })).not.toContain(auths('home').auths[HOST]?.auth)
  })

  it('reads the one in DOCKER_CONFIG instead', async () => {
    await home.write('.docker/config.json', auths('home'))
    await home.write('elsewhere/config.json', auths('elsewhere'))
    const config = await loadDockerConfig({ env: home.env({ DOCKER_CONFIG: home.at('elsewhere') }) })
    expect(config && lookupDockerConfig(config, HOST)).toEqual({ username: 'elsewhere', password: SECRET })
  })

  it('reads .dockercfg where there is no config.json', async () => {
    await home.write('.dockercfg', auths('legacy').auths)
    const config = await loadDockerConfig({ env: home.env({ DOCKER_CONFIG: home.at('elsewhere') }) })
    expect(config && lookupDockerConfig(config, HOST)).toEqual({ username: 'legacy', password: SECRET })
    await home.write('.docker/config.json', '')
    expect(await loadDockerConfig({ env: home.env() })).toEqual({ auths: {} })
  })

  it('finds nothing where there is neither, or nowhere to look', async () => {
    expect(await loadDockerConfig({ env: home.env() })).toBeUndefined()
    expect(await loadDockerConfig({ env: {} })).toBeUndefined()
  })

  it('says where a file is broken, and nothing of what is in it', async () => {
    const file = await home.write('.docker/config.json', `{"auths":{"${HOST}":{"auth":"${SECRET}}}`)
    const error: unknown = await loadDockerConfig({ env: home.env() }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_CREDENTIALS' })
    expect((error as Error).message).toMatch(/line 1, column \d+/)
    expect((error as Error).message).toContain(file)
    expect(inspect(error, { showHidden: true })).not.toContain(SECRET)
  })

  it.skipIf(process.platform === 'win32')('warns about a file that others can read', async () => {
    const file = await home.write('.docker/config.json', auths('home'))
    await chmod(file, 0o640)
    const logger = recordingLogger()
    await loadDockerConfig({ env: home.env(), logger })
    const message = 'Others can read the credentials in this file: chmod 600 it'
    expect(logger.lines).toEqual([{ level: 'warn', fields: { file, mode: '0640' }, message }])
  })

  it('stops at a signal', async () => {
    await home.write('.docker/config.json', auths('home'))
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(loadDockerConfig({ env: home.env(), signal })).rejects.toThrow('enough')
    const controller = new AbortController()
    const loading = loadDockerConfig({ env: home.env(), signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(loading).rejects.toThrow('enough')
  })
})
