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

/** Makes `NAME.pem` and `NAME.key` beside those of the authority that it is from. */
export type Issue = (name: string, ...extensions: readonly string[]) => Promise<void>

/** Makes a CA in `folder`, and returns what issues its certificates there. */
export async function makeAuthority(folder: string, name = 'pullpass test CA'): Promise<Issue> {
  const at = (file: string): string => join(folder, file)
  const make = async (file: string, subject: string, ...more: readonly string[]): Promise<void> => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', at(`${file}.key`)]
    const certificate = ['-x509', '-days', '2', '-subj', `/CN=${subject}`, '-out', at(`${file}.pem`)]
    await run('openssl', ['req', ...key, ...certificate, ...more])
  }
  await make('ca', name)
  return (file, ...extensions) => {
    const added = ['basicConstraints=critical,CA:FALSE', ...extensions].flatMap((extension) => ['-addext', extension])
    return make(file, `pullpass ${file}`, '-CA', at('ca.pem'), '-CAkey', at('ca.key'), ...added)
  }
}

/** What {@link makeAuthority} made, and issued as `server`. */
export async function certificatesIn(folder: string): Promise<Certificates> {
  const at = (file: string): string => join(folder, file)
  const ca = await readFile(at('ca.pem'), 'utf8')
  return { caPath: at('ca.pem'), ca, certPath: at('server.pem'), keyPath: at('server.key') }
}

/** Makes a CA and a certificate for `localhost` and 127.0.0.1 in `folder`. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const issue = await makeAuthority(folder)
  await issue('server', 'subjectAltName=DNS:localhost,IP:127.0.0.1')
  return certificatesIn(folder)
}
