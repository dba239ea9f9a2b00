// Needs an engine: DOCKER_HOST, or the usual socket, on this machine.

import { randomBytes } from 'node:crypto'
import Docker from 'dockerode'
import { pullImage } from '../../dist/adapters/docker/index.js'
import { makeTestImage, startTestRegistry } from '../../dist/testing/index.js'
import { median } from '../measure.ts'

export const title = 'pullImage beside bare dockerode: the same image of 20 MB, removed before each pull'

const ROUNDS = 15
const user = { username: 'u', password: 'p' }

export async function run(): Promise<Record<string, string | number>[]> {
  const docker = new Docker()
  if (!(await docker.ping().catch(() => false))) return [{ name: 'not measured: no Docker engine answers' }]
  const images = { 'acme/app:1': makeTestImage({ padding: randomBytes(20_000_000) }) }
  const registry = await startTestRegistry({ user, images })
  const image = `${registry.host}/acme/app:1`
  const contenders = {
    'bare dockerode': () => pullBare(docker, image),
    pullImage: () => pullImage(docker, image, { credentials: user, onProgress: () => {} }),
  }
  const times = new Map<string, number[]>()
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const order = Object.entries(contenders)
      for (const [name, pull] of round % 2 === 0 ? order : order.reverse()) {
        await docker
          .getImage(image)
          .remove({ force: true })
          .catch(() => {})
        const start = performance.now()
        await pull()
        times.set(name, [...(times.get(name) ?? []), performance.now() - start])
      }
    }
  } finally {
    await docker
      .getImage(image)
      .remove({ force: true })
      .catch(() => {})
    await registry.close()
  }
  const bare = median(times.get('bare dockerode') ?? [])
  return [...times].map(([name, each]) => ({
    name,
    'ms a pull (median)': Math.round(median(each)),
    'ratio to bare': (median(each) / bare).toFixed(3),
  }))
}

async function pullBare(docker: Docker, image: string): Promise<void> {
  const [fromImage, tag] = [image.slice(0, image.lastIndexOf(':')), '1']
  const stream = await docker.createImage({ ...user }, { fromImage, tag })
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error: Error | null) => (error ? reject(error) : resolve()))
  })
}
