import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { ApiServer } from '../../support/api-server/index.js'
import { type Certificates, makeCertificates } from '../../support/certificates.js'
import { temporaryFolder } from '../../support/processes.js'

/** What no error, log line or printed result may contain. */
export const PASSWORD = 'canary-Pa55w0rd'

export const registry = { server: 'registry.example.com', username: 'myuser', password: PASSWORD }

/** Soon enough for tests, and often enough for servers that are down for a moment. */
export const retry = { attempts: 8, delay: 0.01 }

/** A server for each test, with a namespace `connectors`. */
export function useApiServer(): { readonly current: ApiServer } {
  const holder = {} as { current: ApiServer }
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let certificates: Certificates
  beforeAll(async () => {
    folder = await temporaryFolder()
    certificates = await makeCertificates(folder.path)
  })
  beforeEach(async () => {
    holder.current = await new ApiServer({ certificates }).start()
    holder.current.namespace('connectors')
  })
  afterEach(() => holder.current.stop())
  afterAll(() => folder.remove())
  return holder
}

/** The password of each registry in a secret of the server. */
export function passwordsIn(secret: object | undefined): Record<string, string> {
  const { '.dockerconfigjson': data } = (secret as { data?: unknown }).data as Record<string, string>
  const { auths } = JSON.parse(Buffer.from(data!, 'base64').toString()) as {
    auths: Record<string, { password: string }>
  }
  return Object.fromEntries(Object.entries(auths).map(([server, { password }]) => [server, password]))
}
