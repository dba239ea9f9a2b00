import { readFileSync } from 'node:fs'
import { chmod, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Certificates } from '../certificates.js'
import { freePort, run, startService, temporaryFolder } from '../processes.js'
import { hosts, writeHostsFile } from './names.js'
import { listening, proxyUser, type RunningProxy } from './proxy.js'

/** A running squid. `host` speaks plain HTTP, `tlsHost` TLS. */
export interface Squid extends RunningProxy {
  readonly tlsHost: string
}

/**
 * Starts Debian's squid. It asks for the user of `proxyUser`, forbids one host, and has a line in its log for each
 * tunnel (`CONNECT host:port`) and each request that it forwards.
 *
 * @param wanted Port for plain HTTP. Default: any free one.
 */
export async function startSquid(tls: Certificates, wanted?: number): Promise<Squid> {
  const folder = await temporaryFolder()
  const at = (name: string): string => join(folder.path, name)
  const [port, tlsPort] = [wanted ?? (await freePort()), await freePort()]
  await writeFile(at('passwords'), await run('htpasswd', ['-nbm', proxyUser.username, proxyUser.password]))
  await writeFile(at('server.pem'), readFileSync(tls.certPath))
  await writeFile(at('server.key'), readFileSync(tls.keyPath), { mode: 0o644 })
  const configuration = [
    `http_port 127.0.0.1:${port}`,
    `https_port 127.0.0.1:${tlsPort} tls-cert=${at('server.pem')} tls-key=${at('server.key')}`,
    `hosts_file ${await writeHostsFile(folder.path)}`,
    `auth_param basic program /usr/lib/squid/basic_ncsa_auth ${at('passwords')}`,
    'acl known proxy_auth REQUIRED',
    `acl forbidden dstdomain ${hosts.forbidden}`,
    'http_access deny forbidden',
    'http_access allow known',
    'http_access deny all',
    `access_log stdio:${at('access.log')} logformat=squid`,
    'buffered_logs off',
    `cache_log ${at('cache.log')}`,
    `pid_filename ${at('squid.pid')}`,
    `coredump_dir ${folder.path}`,
    'cache deny all',
    'pinger_enable off',
    'shutdown_lifetime 0 seconds',
    'visible_hostname proxy.pullpass.test',
  ]
  await writeFile(at('squid.conf'), `${configuration.join('\n')}\n`)
  // Started by root, squid goes on as the user `proxy`, who has to get in.
  await chmod(folder.path, 0o777)
  // Squid leaves its shared memory behind under this name.
  const name = `pullpass${port}`
  const service = await startService('squid', ['-N', '-n', name, '-f', at('squid.conf')], () => listening(port))
  const stop = async (): Promise<void> => {
    await service.stop()
    const segments = await readdir('/dev/shm').catch(() => [])
    for (const segment of segments) if (segment.startsWith(`${name}-`)) await rm(join('/dev/shm', segment))
    await folder.remove()
  }
  const log = (): string => {
    try {
      return readFileSync(at('access.log'), 'utf8')
    } catch {
      return ''
    }
  }
  return { host: `127.0.0.1:${port}`, tlsHost: `127.0.0.1:${tlsPort}`, log, stop }
}
