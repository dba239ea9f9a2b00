import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './processes.js'

/** A certificate authority made for one run, and a server certificate of it. Paths and PEM text. */
export interface Certificates {
  readonly caPath: string
  readonly ca: string
  readonly certPath: string
  readonly keyPath: string
}

/** Makes a CA and a certificate for `localhost` and 127.0.0.1 in `folder`. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const at = (name: string): string => join(folder, name)
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const ca = ['-keyout', at('ca.key'), '-out', at('ca.pem'), '-subj', '/CN=pullpass test CA']
  await run('openssl', ['req', '-x509', ...newKey, ...ca])
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1'
  const server = ['-keyout', at('server.key'), '-out', at('server.pem'), '-subj', '/CN=localhost', '-addext', names]
  const signer = ['-CA', at('ca.pem'), '-CAkey', at('ca.key')]
  await run('openssl', [
    'req',
    '-x509',
    ...newKey,
    ...server,
    ...signer,
    '-addext',
    'basicConstraints=critical,CA:FALSE',
  ])
  return {
    caPath: at('ca.pem'),
    ca: await readFile(at('ca.pem'), 'utf8'),
    certPath: at('server.pem'),
    keyPath: at('server.key'),
  }
}
