import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { listen } from '../listen.js'
import type { NamedCertificates } from './names.js'

/** What an API server was asked. */
export interface ClusterRequest {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  /** Whether the connection had a client certificate of the cluster's CA. */
  readonly certified: boolean
}

/** As much of an API server over TLS as connections to it need: every list is empty, every watch has one event. */
export interface Cluster {
  readonly port: number
  readonly requests: readonly ClusterRequest[]
  /** How many connections were opened so far. */
  connections(): number
  stop(): Promise<void>
}

/** Starts one on loopback. */
export async function startCluster(certificates: NamedCertificates): Promise<Cluster> {
  const requests: ClusterRequest[] = []
  let connections = 0
  const tls = {
    key: readFileSync(certificates.keyPath),
    cert: readFileSync(certificates.certPath),
    ca: certificates.ca,
  }
  const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    const { method = '', url = '', headers } = request
    const certified = (request.socket as TLSSocket).authorized
    requests.push({ method, path: url, authorization: headers.authorization, certified })
    response.setHeader('content-type', 'application/json')
    if (new URL(url, 'https://cluster').searchParams.has('watch')) {
      response.end(`${JSON.stringify({ type: 'ADDED', object: { kind: 'Secret', metadata: { name: 'watched' } } })}\n`)
    } else {
      response.end(JSON.stringify({ kind: 'SecretList', apiVersion: 'v1', metadata: {}, items: [] }))
    }
  })
  server.on('secureConnection', () => connections++)
  const { port, stop } = await listen(server)
  return { port, requests, connections: () => connections, stop }
}
