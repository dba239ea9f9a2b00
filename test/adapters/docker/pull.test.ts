import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { pullImage, type PullProgress } from '../../../src/adapters/docker/index.js'
import { credentialChain } from '../../../src/credentials/index.js'
import type { PullpassError } from '../../../src/errors.js'
import { makeTestImage } from '../../../src/testing/index.js'
import { engines, type Fixture, startFixture, user } from '../../support/docker-fixtures.js'
import type { Engine } from '../../support/engine.js'
import { failureOf } from '../../support/errors.js'
import { freePort } from '../../support/processes.js'
import { describeReal } from '../../support/real.js'

async function failure(pull: Promise<unknown>): Promise<PullpassError> {
  const error = await failureOf(pull)
  expect(inspect(error, { depth: null })).not.toContain(user.password)
  return error
}

for (const { name: title, program, start } of engines) {
  describeReal(`pullImage through ${title}`, [program, 'docker-registry', 'htpasswd'], () => {
    let engine: Engine
    let fixture: Fixture
    beforeAll(async () => {
      ;[engine, fixture] = await Promise.all([start(), startFixture()])
    })
    afterAll(async () => {
      await fixture.registry.stop()
      await engine.stop()
    })
    beforeEach(async () => {
      await engine.docker
        .getImage(fixture.name)
        .remove({ force: true })
        .catch(() => {})
    })

    it('pulls with credentials, tells how far it is, and says what it did', async () => {
      const seen: PullProgress[] = []
      const options = { credentials: user, onProgress: (progress: PullProgress): void => void seen.push(progress) }
      const result = await pullImage(engine.docker, fixture.name, options)
      expect(result).toMatchObject({ image: fixture.name, alreadyPresent: false })
      const digests = [fixture.image.index, ...fixture.image.manifests].map(({ digest }) => digest)
      expect(digests).toContain(result.digest)
      expect(result.durationMs).toBeGreaterThan(0)
      expect(seen.at(-1)).toMatchObject({ phase: 'complete' })
      expect(seen.at(-1)!.doneBytes).toBe(result.bytes)
      expect((await engine.docker.getImage(fixture.name).inspect()).RepoTags).toContain(fixture.name)
      expect(inspect([result, seen])).not.toContain(user.password)
    })

    it('does not change the options, nor the engine client', async () => {
      const options = Object.freeze({ credentials: Object.freeze({ ...user }) })
      expect((await pullImage(engine.docker, fixture.name, options)).alreadyPresent).toBe(false)
      expect((await pullImage(engine.docker, fixture.name, options)).alreadyPresent).toBe(true)
      expect(options).toEqual({ credentials: user })
    })

    it('pulls by digest, and latest where neither tag nor digest is named', async () => {
      const { digest } = fixture.image.index
      const byDigest = `${fixture.registry.host}/acme/hello@${digest}`
      expect((await pullImage(engine.docker, byDigest, { credentials: user })).digest).toBe(digest)
      const error = await failure(
        pullImage(engine.docker, `${fixture.registry.host}/acme/hello`, { credentials: user }),
      )
      expect(error.code).toBe('ERR_IMAGE_NOT_FOUND')
      expect(error.message).toContain('acme/hello:latest')
    })

    it('tells missing credentials, wrong ones and an unknown image apart', async () => {
      const none = await failure(pullImage(engine.docker, fixture.name))
      expect(none.code).toBe('ERR_AUTHENTICATION_REQUIRED')
      expect(none.message).toContain(`Pulling ${fixture.name} without credentials`)
      expect(none.hint).toMatch(/username/)

      const wrong = await failure(
        pullImage(engine.docker, fixture.name, { credentials: { ...user, password: 'wrong' } }),
      )
      expect(wrong.code).toBe('ERR_UNAUTHORIZED')
      expect(wrong.message).toContain("with the credentials of user 'puller' (given): The registry does not accept")
      expect(wrong.hint).not.toBe(none.hint)

      const unknown = await failure(
        pullImage(engine.docker, `${fixture.registry.host}/acme/nothing:v1`, { credentials: user }),
      )
      expect(unknown.code).toBe('ERR_IMAGE_NOT_FOUND')
    })

    it('says what was tried where nothing was found', async () => {
      const provider = { name: 'vault', provide: () => undefined }
      const error = await failure(pullImage(engine.docker, fixture.name, { credentials: credentialChain(provider) }))
      expect(error.code).toBe('ERR_AUTHENTICATION_REQUIRED')
      expect(error.message).toContain('vault: nothing')
    })

    it('says that a registry does not answer', async () => {
      const error = await failure(pullImage(engine.docker, `127.0.0.1:${await freePort()}/acme/hello:v1`))
      expect(error.code).toBe('ERR_CONNECTION_REFUSED')
      expect(error.hint).toBeDefined()
    })

    it('says that the image is not for this platform', async () => {
      await fixture.push('acme/arm:v1', makeTestImage({ architectures: ['arm64'] }))
      const name = `${fixture.registry.host}/acme/arm:v1`
      const error = await failure(pullImage(engine.docker, name, { credentials: user, platform: 'linux/s390x' }))
      expect(error.code).toBe('ERR_PLATFORM_MISMATCH')
    })

    it('refuses a name that is none before it asks anybody', async () => {
      expect((await failure(pullImage(engine.docker, 'Not An Image'))).code).toBe('ERR_IMAGE_REFERENCE')
    })

    it('heeds the pull policy', async () => {
      const never = await failure(pullImage(engine.docker, fixture.name, { credentials: user, policy: 'Never' }))
      expect(never.code).toBe('ERR_IMAGE_NEVER_PULL')
      await pullImage(engine.docker, fixture.name, { credentials: user, policy: 'IfNotPresent' })
      const before = fixture.registry.log()
      for (const policy of ['IfNotPresent', 'Never'] as const) {
        const result = await pullImage(engine.docker, fixture.name, { policy })
        expect(result).toMatchObject({ alreadyPresent: true, bytes: 0 })
      }
      expect(fixture.registry.log()).toBe(before)
    })

    it('makes one pull of two at once', async () => {
      const before = fixture.registry.log().split('GET /v2/acme/hello/blobs/').length
      const pulls = [1, 2, 3].map(() => pullImage(engine.docker, fixture.name, { credentials: user }))
      const [first, ...others] = await Promise.all(pulls)
      for (const other of others) expect(other.digest).toBe(first!.digest)
      const blobs = fixture.registry.log().split('GET /v2/acme/hello/blobs/').length - before
      // The registry's log has a line for the request and one for the answer: a configuration and two layers.
      expect(blobs).toBeLessThanOrEqual(6)
    })

    it('stops when told to, and not for others who wait for the same image', async () => {
      const controller = new AbortController()
      const other = pullImage(engine.docker, fixture.name, { credentials: user })
      const stopped = pullImage(engine.docker, fixture.name, { credentials: user, signal: controller.signal })
      controller.abort(new Error('enough'))
      await expect(stopped).rejects.toThrow('enough')
      await expect(other).resolves.toMatchObject({ image: fixture.name })
      const already = pullImage(engine.docker, fixture.name, { signal: AbortSignal.abort(new Error('before')) })
      await expect(already).rejects.toThrow('before')
    })
  })
}
