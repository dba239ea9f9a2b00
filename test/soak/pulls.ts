import Docker from 'dockerode'
import { deployContainer, pullImage } from 'pullpass/docker'
import { user } from './facts.js'
import type { Expectation } from './ledger.js'
import { type Bench, repeat } from './job.js'

const expected: Expectation = {
  codes: [
    'ERR_REGISTRY_FAULT',
    'ERR_RATE_LIMITED',
    'ERR_CONNECTION_LOST',
    // A token server that refuses whom it knows.
    'ERR_UNAUTHORIZED',
    // What is cut off was filled up first.
    'ERR_CONTENT_CORRUPT',
  ],
}

/** Pulls and deploys through the engine, and removes everything again. */
export async function pulls(bench: Bench): Promise<void> {
  const { facts, ledger, random, index } = bench
  const { logger } = ledger
  const docker = new Docker({ socketPath: facts.engineSocket })
  const repository = `soak/app-${index}:1`
  const image = `${facts.plainRegistry}/${repository}`
  const retry = { attempts: 1, delay: 0.05 }
  const onProgress = (progress: unknown): void => ledger.inspect('progress', progress)

  const pull = async (): Promise<void> => {
    const result = await ledger.attempt('pullImage', random, expected, (signal) =>
      pullImage(docker, image, { credentials: user, retry, signal, logger, onProgress }),
    )
    if (result) ledger.expect(result.digest === facts.images[repository], `${image} was pulled as ${result.digest}`)
  }
  const deploy = async (): Promise<void> => {
    const onExisting = random.pick(['replace', 'error'] as const)
    const spec = { name: `soak-${index}`, image, onExisting, createOptions: { HostConfig: { NetworkMode: 'none' } } }
    const result = await ledger.attempt('deployContainer', random, expected, (signal) =>
      deployContainer(docker, spec, { credentials: user, retry, signal, logger, onProgress }),
    )
    if (result) await result.container.remove({ force: true, v: true })
    const left = await docker.listContainers({ all: true, filters: { name: [`soak-${index}`] } })
    ledger.expect(left.length === 0, `containers are left: ${JSON.stringify(left.map(({ Names }) => Names))}`)
  }
  await repeat(bench, async () => {
    await (random.chance(0.5) ? pull() : deploy())
    await docker.getImage(image).remove({ force: true }).catch(unlessAbsent)
  })
}

function unlessAbsent(error: unknown): void {
  if ((error as { statusCode?: unknown }).statusCode !== 404) throw error
}
