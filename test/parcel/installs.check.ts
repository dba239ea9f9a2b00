import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { importAll, requireAll, usePeers } from './support/probes.js'
import { newProject } from './support/project.js'
import { run, runWell } from './support/run.js'
import { readJson } from './support/setup.js'

const { scratch, tarball, unpacked, nodes, pnpm } = inject('parcel')
const { exports } = await readJson<{ exports: object }>(join(unpacked, 'package.json'))
const entryPoints = Object.keys(exports).map((key) => join('pullpass', key))

type Version = keyof typeof nodes

const managers = {
  npm: ['npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'],
  // A store of its own: the user's is left as it is.
  pnpm: [pnpm, 'add', '--prefer-offline', '--ignore-scripts', '--store-dir', join(scratch, 'pnpm-store')],
}

const INSTALL = '@kubernetes/client-node (npm install @kubernetes/client-node)'
const NEEDS_DOCKERODE = 'TypeError: docker must be a Docker of dockerode (npm install dockerode), not undefined'
const NEEDS_CLIENT = `TypeError: cannot find ${INSTALL}`
const LOADED = 'Error: client-node loaded: function'

/** How the calls of `usePeers` end where these peers are installed. */
const ends = (peers: readonly string[]): object => ({
  dockerode: peers.includes('dockerode') ? 'Error: dockerode taken' : NEEDS_DOCKERODE,
  'client-node': peers.includes('@kubernetes/client-node') ? LOADED : NEEDS_CLIENT,
  'access reviews': peers.includes('@kubernetes/client-node') ? LOADED : NEEDS_CLIENT,
  'no api': `TypeError: api must be a KubeConfig or a CoreV1Api of ${INSTALL}`,
  'no kubeconfig': `TypeError: kubeConfig must be a KubeConfig of ${INSTALL}`,
  'no peer needed': 'Error: Secret',
})

const cells = Object.keys(managers).flatMap((manager) =>
  Object.keys(nodes).flatMap((node) =>
    [[], ['dockerode'], ['@kubernetes/client-node']].map((peers) => ({
      manager: manager as keyof typeof managers,
      node: node as Version,
      peers,
      title: `${manager}, Node ${node}, with ${peers[0] ?? 'no peer'}`,
    })),
  ),
)

describe('in an empty project', () => {
  it.concurrent.for(cells)('$title: installs, imports, is required', async ({ manager, node, peers, title }) => {
    const cwd = await newProject(join(scratch, 'installs', title.replaceAll(/\W+/g, '-')))
    const bin = nodes[node]
    const [program = '', ...args] = managers[manager]
    await runWell(program, [...args, tarball, ...peers], { cwd, bin })
    const evaluate = async (type: string, code: string): Promise<unknown> => {
      const nodeArgs = [`--input-type=${type}`, '--eval', code, ...entryPoints]
      const { status, stdout, stderr } = await run(join(bin, 'node'), nodeArgs, { cwd })
      return status === 0 && stderr === '' ? JSON.parse(stdout) : { status, stdout, stderr }
    }
    expect(await evaluate('module', importAll)).toEqual({})
    expect(await evaluate('commonjs', requireAll)).toEqual({})
    expect(await evaluate('module', usePeers)).toEqual(ends(peers))
  })
})
