import type Docker from 'dockerode'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deployContainer } from '../../../src/adapters/docker/index.js'
import { insecureAdvice } from '../../../src/adapters/docker/insecure-registry.js'
import { parseOpenCtiSettings } from '../../../src/settings/index.js'
import { type Engine, startEngine } from '../../support/engine.js'
import { describeReal } from '../../support/real.js'

const engineWith = (RegistryConfig: object | null): Docker =>
  ({ info: () => Promise.resolve({ RegistryConfig }) }) as unknown as Docker

describe('insecureAdvice', () => {
  const config = {
    IndexConfigs: {
      'registry.example.com:5000': { Secure: false },
      'docker.io': { Secure: true },
      host: { Secure: false },
    },
    InsecureRegistryCIDRs: ['127.0.0.0/8', '10.1.0.0/16', 'fd00::/8'],
  }

  it.each(['registry.example.com:5000', 'host:5000', '127.0.0.1:5000', '10.1.2.3', '[fd00::1]:5000', 'localhost:5000'])(
    'has none for %s',
    async (registry) => expect(await insecureAdvice(engineWith(config), registry)).toBeUndefined(),
  )

  it.each(['registry.example.com', 'registry.example.com:5001', 'docker.io', '10.2.0.1:5000', '[fe00::1]'])(
    'says what to add for %s, and where',
    async (registry) => {
      const advice = await insecureAdvice(engineWith(config), registry)
      expect(advice).toContain(`"insecure-registries": ["${registry}"] to /etc/docker/daemon.json`)
      expect(advice).toContain('/etc/containers/registries.conf')
    },
  )

  it('says so as well where an engine tells nothing', async () => {
    expect(await insecureAdvice(engineWith(null), 'r.example.com')).toContain('r.example.com')
  })
})

describeReal('an insecure registry on a real engine', ['dockerd'], () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await startEngine()
  })
  afterAll(() => engine.stop())

  it('is warned of before the pull, when the engine does not know it', async () => {
    const registry = { url: 'registry.invalid:5000', insecure: true }
    const settings = parseOpenCtiSettings({ opencti: { daemon: { docker: { registry } } } }, { orchestrator: 'docker' })
    const warned: string[] = []
    const silent = (): void => {}
    const logger = {
      debug: silent,
      info: silent,
      error: silent,
      warn: (_: object, text: string) => void warned.push(text),
    }
    const deployment = deployContainer(
      engine.docker,
      { image: 'acme/hello:v1', settings: { ...settings, retry: { attempts: 0, delay: 0 } } },
      { logger },
    )
    await expect(deployment).rejects.toMatchObject({ code: 'ERR_HOST_NOT_FOUND' })
    expect(warned).toEqual([expect.stringContaining('does not take registry.invalid:5000 for an insecure registry')])
  })
})
