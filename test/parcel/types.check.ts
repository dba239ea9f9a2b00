import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { newConsumer } from './support/consumer.js'
import { entryPoints } from './entry-points.js'
import { developmentTool, run } from './support/run.js'

const { scratch, tarball } = inject('parcel')

const withPeers = join(scratch, 'types')
const withoutPeers = join(scratch, 'types-without-peers')

/** Those of ws are for client-node, whose own types do without them only where nobody looks. */
const PEERS = ['dockerode', '@types/dockerode', '@kubernetes/client-node', '@types/ws']
const NEED_PEERS = ['docker.ts', 'portainer.ts', 'kubernetes.ts']

beforeAll(async () => {
  await Promise.all([
    newConsumer(withPeers, tarball, ['@types/node', ...PEERS]),
    newConsumer(withoutPeers, tarball, ['@types/node']),
  ])
})

/** What tsc has to say of these files. Nothing is left unchecked, the types of packages neither. */
async function findings(cwd: string, title: string, files: readonly string[], options: object): Promise<string> {
  const compilerOptions = {
    target: 'es2022',
    lib: ['es2024', 'esnext.disposable'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
    ...options,
  }
  const config = join(cwd, `tsconfig.${title}.json`)
  await writeFile(config, JSON.stringify({ compilerOptions, files }))
  const { stdout, stderr } = await run(developmentTool('tsc'), ['-p', config], { cwd })
  return stdout + stderr
}

const node16 = { module: 'node16', moduleResolution: 'node16' }
const nodenext = { module: 'nodenext', moduleResolution: 'nodenext' }
const bundler = { module: 'esnext', moduleResolution: 'bundler' }
const besideBrowsers = { ...bundler, lib: ['es2024', 'esnext.disposable', 'dom', 'dom.iterable'] }

async function programs(cwd: string): Promise<string[]> {
  return (await readdir(cwd)).filter((file) => file.endsWith('.ts'))
}

describe('types, without skipLibCheck', () => {
  it.concurrent.for([
    { title: 'node16', options: node16 },
    { title: 'nodenext', options: nodenext },
    { title: "bundler, beside the browsers' types", options: besideBrowsers },
  ])('hold with moduleResolution $title', async ({ options }) => {
    const files = await programs(withPeers)
    expect(files.length).toBe(entryPoints.length)
    expect(await findings(withPeers, options.moduleResolution, files, options)).toBe('')
  })

  it.concurrent('hold without any peer, for what needs none', async () => {
    const files = (await programs(withoutPeers)).filter((file) => !NEED_PEERS.includes(file))
    expect(files.length).toBe(entryPoints.length - NEED_PEERS.length)
    expect(await findings(withoutPeers, 'nodenext', files, nodenext)).toBe('')
  })

  it.concurrent('hold in CommonJS', async () => {
    const lines = entryPoints.map(
      ({ name }, index) => `import m${index} = require('${name}')\nObject.keys(m${index})\n`,
    )
    await writeFile(join(withPeers, 'all.cts'), lines.join(''))
    expect(await findings(withPeers, 'commonjs', ['all.cts'], nodenext)).toBe('')
  })
})
