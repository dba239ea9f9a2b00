/** An entry point: what it may weigh, and what it may load. */
export interface EntryPoint {
  readonly name: string
  /** In a few words, for the table in README.md. */
  readonly what: string
  /** The most that it may have of pullpass's own code, in bytes: bundled, minified, compressed by gzip. */
  readonly limit: number
  /** The packages that it reaches, all of them. A peer is loaded when it is called for. */
  readonly packages: readonly string[]
}

export const entryPoints: readonly EntryPoint[] = [
  { name: 'pullpass', what: 'the next five in one', limit: 37_000, packages: ['zod'] },
  {
    name: 'pullpass/reference',
    what: 'image names: parse, format, put the registry in front',
    limit: 2_999,
    packages: [],
  },
  {
    name: 'pullpass/credentials',
    what: 'auth fields, X-Registry-Auth, dockerconfigjson, who matches what, the chain',
    limit: 13_000,
    packages: [],
  },
  { name: 'pullpass/settings', what: "the operator's configuration, typed", limit: 9_500, packages: ['zod'] },
  {
    name: 'pullpass/proxy',
    what: 'which way a URL goes, proxy variables for containers',
    limit: 5_500,
    packages: [],
  },
  { name: 'pullpass/failures', what: 'what a runtime said, and what to do about it', limit: 14_000, packages: [] },
  {
    name: 'pullpass/node',
    what: "settings from files, Docker's config.json, credential helpers, CA files",
    limit: 21_500,
    packages: ['yaml', 'zod'],
  },
  {
    name: 'pullpass/registry',
    what: 'is the image there, may it be pulled, and if not, why',
    limit: 48_000,
    packages: ['socks', 'undici'],
  },
  { name: 'pullpass/undici', what: "the proxy's route as a Dispatcher", limit: 8_500, packages: ['socks', 'undici'] },
  { name: 'pullpass/agent', what: 'the same as an http.Agent', limit: 8_500, packages: ['proxy-agent', 'socks'] },
  {
    name: 'pullpass/docker',
    what: 'pull, deploy, Swarm services, through your dockerode',
    limit: 42_000,
    packages: ['proxy-agent', 'socks'],
  },
  {
    name: 'pullpass/portainer',
    what: 'the same through Portainer',
    limit: 24_000,
    packages: ['proxy-agent', 'socks'],
  },
  {
    name: 'pullpass/kubernetes',
    what: 'pull secrets, service accounts, permissions, through your @kubernetes/client-node',
    limit: 46_000,
    packages: ['@kubernetes/client-node', 'proxy-agent', 'socks', 'undici'],
  },
  { name: 'pullpass/testing', what: 'a registry inside the process, for your tests', limit: 8_000, packages: [] },
]
