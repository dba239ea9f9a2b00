import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, startService, temporaryFolder } from '../processes.js'
import { listening, proxyUser, type RunningProxy } from './proxy.js'

/** How mitmproxy is started. */
export interface MitmproxyOptions {
  /** `intercept`: reads what it proxies, with certificates of its own CA. `socks5`: passes TLS on unread. */
  readonly mode: 'intercept' | 'socks5'
  /** File of the CA that the servers behind it have. */
  readonly trust: string
  /** File of the certificate and the key that it shows to those servers. */
  readonly clientCertificate?: string
  /** Asks for the user of `proxyUser`. */
  readonly authenticate?: boolean
}

/** A running mitmproxy. As `intercept`, it takes TLS on its port too, which makes it an https proxy. */
export interface Mitmproxy extends RunningProxy {
  /** Its own CA, as PEM and as a file. */
  readonly ca: string
  readonly caPath: string
}

/**
 * Starts Debian's mitmproxy with a new CA. Its log has a line `CONNECT host:port` for each connection that it opens, and
 * one with `GET https://host:port/path` for each request that it reads.
 */
export async function startMitmproxy(options: MitmproxyOptions): Promise<Mitmproxy> {
  const folder = await temporaryFolder()
  const port = await freePort()
  const settings = [`confdir=${folder.path}`, `ssl_verify_upstream_trusted_ca=${options.trust}`]
  if (options.authenticate === true) settings.push(`proxyauth=${proxyUser.username}:${proxyUser.password}`)
  if (options.clientCertificate !== undefined) settings.push(`client_certs=${options.clientCertificate}`)
  const mode = options.mode === 'socks5' ? ['--mode', 'socks5', '--ignore-hosts', '.*'] : []
  const service = await startService(
    'mitmdump',
    [
      ...['--listen-host', '127.0.0.1', '--listen-port', String(port), '--showhost'],
      ...['--scripts', join(import.meta.dirname, 'mitmproxy-addon.py')],
      ...settings.flatMap((setting) => ['--set', setting]),
      ...mode,
    ],
    () => listening(port),
    { PYTHONUNBUFFERED: '1' },
  )
  const caPath = join(folder.path, 'mitmproxy-ca-cert.pem')
  const stop = async (): Promise<void> => {
    await service.stop()
    await folder.remove()
  }
  return {
    host: `127.0.0.1:${port}`,
    ca: await readFile(caPath, 'utf8'),
    caPath,
    log: service.output,
    stop,
  }
}
