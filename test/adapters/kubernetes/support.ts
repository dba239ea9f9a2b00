import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { Logger } from '../../../src/logger.js'
import { ApiServer } from '../../support/api-server/index.js'
import { type Certificates, makeCertificates } from '../../support/certificates.js'

/** What no error, log line or printed result may contain. */
export const PASSWORD = 'canary-Pa55w0rd'

export const registry = { server: 'registry.example.com', username: 'myuser', password: PASSWORD }

/** Soon enough for tests, and often enough for servers that are down for a moment. */
export const retry = { attempts: 8, delay: 0.01 }

/** A server for each test, with a namespace `connectors`. */
export function useApiServer(): { readonly current: ApiServer } {
  const holder = {} as { current: ApiServer }
  let folder: string
  let certificates: Certificates
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pullpass-kubernetes-'))
    certificates = await makeCertificates(folder)
  })
  beforeEach(async () => {
    holder.current = await new ApiServer({ certificates }).start()
    holder.current.namespace('connectors')
  })
  afterEach(() => holder.current.stop())
  afterAll(() => rm(folder, { recursive: true }))
  return holder
}

export interface Line {
  readonly level: string
  readonly fields: Record<string, unknown>
  readonly message: string
}

/** A logger that keeps its lines. */
export function recordingLogger(): Logger & { readonly lines: Line[] } {
  const lines: Line[] = []
  const at =
    (level: string) =>
    (fields: Record<string, unknown>, message: string): void =>
      void lines.push({ level, fields, message })
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** The password of each registry in a secret of the server. */
export function passwordsIn(secret: object | undefined): Record<string, string> {
  const { '.dockerconfigjson': data } = (secret as { data?: unknown }).data as Record<string, string>
  const { auths } = JSON.parse(Buffer.from(data!, 'base64').toString()) as {
    auths: Record<string, { password: string }>
  }
  return Object.fromEntries(Object.entries(auths).map(([server, { password }]) => [server, password]))
}
