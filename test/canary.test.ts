import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import type Docker from 'dockerode'
import { describe, expect, it } from 'vitest'
import { deployContainer, pullImage } from '../src/adapters/docker/index.js'
import { imagePullSecret } from '../src/adapters/kubernetes/index.js'
import { credentialChain, dockerConfigJson, settingsCredentials } from '../src/credentials/index.js'
import { loadSettings } from '../src/node/index.js'
import { parseImageReference } from '../src/reference/index.js'
import { parseOpenCtiSettings, type Settings } from '../src/settings/index.js'

const canary = 'canary-3fb1c9'
const encoded = [canary, Buffer.from(`myuser:${canary}`).toString('base64'), encodeURIComponent(canary)]

const printed: string[] = []
const log = (fields: object, message: string): void => void printed.push(inspect([fields, message], { depth: null }))
const logger = { debug: log, info: log, warn: log, error: log }

/** Whatever a user's service may print of it. */
function print(value: unknown): void {
  printed.push(inspect(value, { depth: null }), inspect(value), String(value))
  if (value instanceof Error)
    printed.push(JSON.stringify(value), value.stack ?? '', inspect(value.cause, { depth: null }))
}

async function attempt(action: () => unknown): Promise<void> {
  try {
    print(await action())
  } catch (error) {
    expect(error).toBeInstanceOf(Error)
    print(error)
  }
}

const registry = { server: 'registry.example.com', username: 'myuser', password: canary, retry_delay: 0 }
const config = (value: object): object => ({ opencti: { daemon: { registry: value } } })
const settings: Settings = parseOpenCtiSettings(config(registry))

/** An engine that answers a pull with these lines, or fails. */
function engine(answer: string | Error): Docker {
  const createImage = (): Promise<Readable> =>
    answer instanceof Error ? Promise.reject(answer) : Promise.resolve(Readable.from([answer]))
  return { createImage } as unknown as Docker
}

const engineAnswers = [
  '{"status":"Pulling fs layer","id":"a"}\n{"status":"Digest: sha256:abc"}\n',
  '{"errorDetail":{"message":"unauthorized: authentication required"}}\n',
  '{"errorDetail":{"message":"manifest unknown"}}\n',
  'rubbish\n',
  Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:2375'), { code: 'ECONNREFUSED' }),
  Object.assign(new Error('(HTTP code 500) server error - no basic auth credentials'), { statusCode: 500 }),
]

describe('a password is in no error, log line, printed result or progress', () => {
  it('of the settings', async () => {
    print(settings)
    for (const wrong of [
      { server: 'not a host' },
      { token_ttl: canary.length * -1 },
      { username: '' },
      { email: [canary] },
    ]) {
      await attempt(() => parseOpenCtiSettings(config({ ...registry, ...wrong }), { logger }))
    }
    await attempt(() =>
      parseOpenCtiSettings(config({ server: `https://myuser:${canary}@registry.example.com` }), { logger }),
    )
    await attempt(() => parseOpenCtiSettings(config({ ...registry, pasword: canary }), { logger }))
    const env = { OPENCTI__DAEMON__REGISTRY__PASSWORD: canary }
    await attempt(() => parseOpenCtiSettings({}, { env, logger }))
    await attempt(() => loadSettings({ file: '/nowhere/opencti.yaml', env, logger }))
  })

  it('of pulls, whatever the engine answers', async () => {
    for (const answer of engineAnswers) {
      const onProgress = print
      await attempt(() =>
        pullImage(engine(answer), 'registry.example.com/a:1', { credentials: registry, logger, onProgress }),
      )
      await attempt(() => deployContainer(engine(answer), { image: 'a:1', settings }, { logger, onProgress }))
    }
    await attempt(() => pullImage(engine(''), `user:${canary}@registry.example.com/a`, { logger }))
  })

  it('of what goes to Kubernetes, and of the credential chain', async () => {
    print(imagePullSecret({ registry }))
    print(dockerConfigJson({ 'registry.example.com': registry }))
    const chain = credentialChain(settingsCredentials(settings))
    await attempt(() => chain.resolve(parseImageReference('registry.example.com/a:1')))
    await attempt(() => imagePullSecret({ registry, name: 'Not A Name' }))
    await attempt(() => imagePullSecret({ credentials: { 'registry.example.com': { identityToken: canary } } }))
    await attempt(() => imagePullSecret({ registry: { ...registry, username: `a:${canary}` } }))
    await attempt(() => imagePullSecret({ registry: { ...registry, password: `${canary}\u0000` } }))
  })

  it('and this test saw what is printed', () => {
    expect(printed.length).toBeGreaterThan(60)
    for (const secret of encoded) expect(printed.filter((text) => text.includes(secret))).toEqual([])
    expect(printed.join()).toContain('***')
  })
})
