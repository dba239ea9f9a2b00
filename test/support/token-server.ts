import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { listen } from './listen.js'
import { run } from './processes.js'

const SERVICE = 'pullpass tests'
const ISSUER = 'pullpass token server'

/** How a token server behaves; a test may change it while it runs. */
export interface TokenServerBehaviour {
  /** Milliseconds before each answer. */
  delay?: number
  /** Statuses for the next requests; those after them are answered properly. */
  failures?: number[]
  /** Seconds that a token lasts, as it says itself and as its answer does. Default 300. */
  expiresIn?: number
  /** What a token grants, whatever was asked for. */
  grant?: string
  /** Which methods it knows; the others get this status. Default GET and POST. */
  refuse?: { readonly method: 'GET' | 'POST'; readonly status: number }
  /** Goes out instead of the answer. */
  answer?: string
}

/** A token request as it came. */
export interface TokenServerRequest {
  readonly method: string
  /** Of the query or of the form. */
  readonly parameters: URLSearchParams
  readonly status: number
}

/** A token server for docker-registry (distribution's token authentication), with one user who may pull and push. */
export interface TokenServer {
  readonly realm: string
  /** Goes under `auth.token` in the registry's configuration. */
  readonly registryConfiguration: object
  /** Query, or form, of every token request so far. */
  readonly requests: readonly URLSearchParams[]
  /** The same with what became of them. */
  readonly log: readonly TokenServerRequest[]
  /** Starts the lists of requests anew. */
  forget(): void
  /** Write into it to have the server misbehave. */
  readonly behaviour: TokenServerBehaviour
  stop(): Promise<void>
}

/** Who the token server knows: by password, or by an OAuth2 refresh token. */
export interface TokenServerUser {
  readonly username: string
  readonly password: string
  readonly identityToken?: string
}

/** Starts one; its key and certificate go to `folder`. Anonymous requests get a token without any access. */
export async function startTokenServer(folder: string, user: TokenServerUser): Promise<TokenServer> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const keyPath = join(folder, 'token.key')
  const certPath = join(folder, 'token.pem')
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  await writeFile(keyPath, key)
  await run('openssl', ['req', '-x509', '-key', keyPath, '-out', certPath, '-days', '2', '-subj', `/CN=${ISSUER}`])
  const behaviour: TokenServerBehaviour = {}
  const log: TokenServerRequest[] = []
  const requests: URLSearchParams[] = []
  const answer = async (request: IncomingMessage): Promise<{ status: number; body: string }> => {
    const parameters = await parametersOf(request)
    const { method = '' } = request
    if (behaviour.delay !== undefined) await sleep(behaviour.delay)
    const status = behaviour.failures?.shift() ?? (behaviour.refuse?.method === method ? behaviour.refuse.status : 200)
    const who = status === 200 ? identify(request, parameters, user) : 'nobody'
    const final = who === 'unknown' ? 401 : status
    requests.push(parameters)
    log.push({ method, parameters, status: final })
    if (final !== 200) {
      return {
        status: final,
        body: JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] }),
      }
    }
    const asked = behaviour.grant ?? parameters.getAll('scope').join(' ')
    const expiresIn = behaviour.expiresIn ?? 300
    const token = signedToken(key, user.username, who === 'known' ? grants(asked) : [], expiresIn)
    const body = { token, access_token: token, expires_in: expiresIn, issued_at: new Date().toISOString() }
    return { status: 200, body: behaviour.answer ?? JSON.stringify(body) }
  }
  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    })
  })
  const { host, stop } = await listen(server)
  const realm = `http://${host}/token`
  return {
    realm,
    registryConfiguration: { realm, service: SERVICE, issuer: ISSUER, rootcertbundle: certPath },
    requests,
    log,
    behaviour,
    forget: () => {
      requests.length = 0
      log.length = 0
    },
    stop,
  }
}

async function parametersOf(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const query = new URL(request.url ?? '', 'http://localhost').searchParams
  return request.method === 'POST' ? new URLSearchParams(Buffer.concat(chunks).toString()) : query
}

/** OAuth2 by POST, Basic authentication by GET. */
function identify(
  request: IncomingMessage,
  parameters: URLSearchParams,
  { username, password, identityToken }: TokenServerUser,
): 'known' | 'unknown' | 'nobody' {
  if (request.method === 'POST') {
    const byPassword = parameters.get('username') === username && parameters.get('password') === password
    const byToken = identityToken !== undefined && parameters.get('refresh_token') === identityToken
    return parameters.has('client_id') && (byPassword || byToken) ? 'known' : 'unknown'
  }
  const { authorization } = request.headers
  if (authorization === undefined) return 'nobody'
  const accepted = [password, identityToken].map((secret) =>
    Buffer.from(`${username}:${secret ?? ''}`).toString('base64'),
  )
  return accepted.some((encoded) => authorization === `Basic ${encoded}`) ? 'known' : 'unknown'
}

/** `repository:acme/hello:pull,push` as the registry wants it in a token. */
function grants(scope: string): { type: string; name: string; actions: string[] }[] {
  return scope
    .split(' ')
    .filter(Boolean)
    .map((one) => {
      const [type = '', ...rest] = one.split(':')
      const actions = rest.pop()?.split(',') ?? []
      return { type, name: rest.join(':'), actions }
    })
}

function signedToken(key: string, subject: string, access: readonly object[], seconds: number): string {
  const now = Math.floor(Date.now() / 1000)
  const header = { typ: 'JWT', alg: 'RS256', kid: keyId(key) }
  const claims = {
    iss: ISSUER,
    sub: subject,
    aud: SERVICE,
    exp: now + seconds,
    nbf: now - 10,
    iat: now,
    jti: randomUUID(),
  }
  const body = [header, { ...claims, access }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  return `${body.join('.')}.${sign('RSA-SHA256', Buffer.from(body.join('.')), key).toString('base64url')}`
}

/** libtrust's key id: the first 240 bits of the public key's SHA-256, in base32, in groups of four. */
function keyId(key: string): string {
  const der = createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'der' })
  const bits = [...createHash('sha256').update(der).digest().subarray(0, 30)]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('')
  const letters = bits.match(/.{5}/g)?.map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[parseInt(five, 2)]) ?? []
  return letters.join('').match(/.{4}/g)?.join(':') ?? ''
}
