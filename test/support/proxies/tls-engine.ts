import { join } from 'node:path'
import Docker from 'dockerode'
import { freePort, startService, temporaryFolder } from '../processes.js'
import type { NamedCertificates } from './names.js'

/** A Docker engine on a TCP port of loopback, which lets nobody in without a client certificate. */
export interface TlsEngine {
  readonly port: number
  stop(): Promise<void>
}

/** Starts dockerd with `--tlsverify`, and without networks: it needs no more privilege than root. */
export async function startTlsEngine(certificates: NamedCertificates): Promise<TlsEngine> {
  const folder = await temporaryFolder()
  const port = await freePort()
  const at = (name: string): string => join(folder.path, name)
  const { ca, caPath, certPath, keyPath, client } = certificates
  const docker = new Docker({ host: '127.0.0.1', port, protocol: 'https', ca, cert: client.cert, key: client.key })
  const service = await startService(
    'dockerd',
    [
      ...['--host', `tcp://127.0.0.1:${port}`, '--tlsverify', '--tlscacert', caPath],
      ...['--tlscert', certPath, '--tlskey', keyPath],
      ...['--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('docker.pid')],
      ...['--bridge=none', '--iptables=false', '--ip-masq=false'],
    ],
    () => docker.ping(),
  )
  const stop = async (): Promise<void> => {
    await service.stop()
    await folder.remove()
  }
  return { port, stop }
}
