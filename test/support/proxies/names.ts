import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Certificates, certificatesIn, makeAuthority } from '../certificates.js'

/**
 * Hosts that no resolver here knows. The proxies of the tests do, as 127.0.0.1, so whoever reaches one went through a
 * proxy; and they are not loopback by their names, which is never proxied.
 */
export const hosts = {
  registry: 'registry.pullpass.test',
  engine: 'engine.pullpass.test',
  cluster: 'cluster.pullpass.test',
  /** Squid lets nobody there. */
  forbidden: 'forbidden.pullpass.test',
} as const

/**
 * This machine by an address that NO_PROXY rules do not take for loopback: the host for what must be reachable without
 * a proxy, and still be proxied where nothing exempts it.
 */
export const THIS_HOST = '0.0.0.0'

/** A CA of its own, and a server and a client certificate of it, for the names above and for this machine. */
export interface NamedCertificates extends Certificates {
  readonly client: { readonly cert: string; readonly key: string; readonly bothPath: string }
}

/** Makes them in `folder`. */
export async function makeNamedCertificates(folder: string, authority?: string): Promise<NamedCertificates> {
  const at = (name: string): string => join(folder, name)
  const issue = await makeAuthority(folder, authority)
  const names = [...Object.values(hosts), 'localhost'].map((name) => `DNS:${name}`)
  const addresses = ['127.0.0.1', THIS_HOST].map((address) => `IP:${address}`)
  await Promise.all([
    issue('server', `subjectAltName=${[...names, ...addresses].join(',')}`, 'extendedKeyUsage=serverAuth'),
    issue('client', 'extendedKeyUsage=clientAuth'),
  ])
  const client = { cert: await readFile(at('client.pem'), 'utf8'), key: await readFile(at('client.key'), 'utf8') }
  await writeFile(at('client-both.pem'), client.cert + client.key)
  return { ...(await certificatesIn(folder)), client: { ...client, bothPath: at('client-both.pem') } }
}

/** A hosts file with those names, for a proxy that reads one. */
export async function writeHostsFile(folder: string): Promise<string> {
  const path = join(folder, 'hosts')
  await writeFile(path, `127.0.0.1 ${Object.values(hosts).join(' ')}\n`)
  return path
}
