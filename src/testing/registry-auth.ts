import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.js'
import { json, type Question, refusal, type Reply } from './reply.js'

/** Who may pull from a test registry. */
export interface TestRegistryUser {
  readonly username: string
  readonly password: string
  /** An OAuth2 refresh token that does as well, with `auth: 'token'`. */
  readonly identityToken?: string | undefined
  /** The repositories that the user may pull from: `['acme/app']`. Default: all. */
  readonly repositories?: readonly string[] | undefined
}

/** Who is let in to what. */
export interface Gate {
  /** The refusal of a request; `undefined` where it may pass. */
  check(question: Question): Reply | undefined
  /** What goes with a 401. */
  challenge(path: string): Readonly<Record<string, string>>
}

/** Where a token registry gives out its tokens. */
export const TOKEN_PATH = '/token'
const SERVICE = 'pullpass test registry'

/** Lets in everybody, if there are no users; else those who show user and password with each request. */
export class BasicGate implements Gate {
  readonly #users: readonly TestRegistryUser[]

  constructor(users: readonly TestRegistryUser[]) {
    this.#users = users
  }

  check({ path, authorization }: Question): Reply | undefined {
    if (this.#users.length === 0) return undefined
    const user = byHeader(this.#users, authorization)
    if (!user) return refusal(401, this.challenge())
    const repository = repositoryIn(path)
    return repository === undefined || mayPull(user, repository) ? undefined : refusal(403)
  }

  challenge(): Readonly<Record<string, string>> {
    return { 'www-authenticate': `Basic realm="${SERVICE}"` }
  }
}

interface Token {
  /** `repository:acme/app:pull` */
  readonly scopes: readonly string[]
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/**
 * Lets in those who show a token for the repository, and is itself the token server. Somebody without credentials gets a
 * token, too; it is good for all repositories where there are no users, and else for none.
 *
 * @see https://distribution.github.io/distribution/spec/auth/token/ and …/spec/auth/oauth/
 */
export class TokenGate implements Gate {
  readonly #users: readonly TestRegistryUser[]
  readonly #lifetime: number
  readonly #clock: Clock
  readonly #host: () => string
  readonly #tokens = new Map<string, Token>()

  /** @param lifetime Seconds that a token lasts. */
  constructor(users: readonly TestRegistryUser[], lifetime: number, clock: Clock, host: () => string) {
    this.#users = users
    this.#lifetime = lifetime
    this.#clock = clock
    this.#host = host
  }

  check({ path, authorization = '' }: Question): Reply | undefined {
    if (authorization === '') return refusal(401, this.challenge(path))
    const token = authorization.startsWith('Bearer ') ? this.#tokens.get(authorization.slice(7)) : undefined
    if (!token || token.expiresAt <= this.#clock.now()) return refusal(401, this.challenge(path, 'invalid_token'))
    const scope = scopeOf(path)
    if (scope === undefined || token.scopes.includes(scope)) return undefined
    return refusal(401, this.challenge(path, 'insufficient_scope'))
  }

  challenge(path: string, error?: string): Readonly<Record<string, string>> {
    const scope = scopeOf(path)
    const parameters = { realm: `http://${this.#host()}${TOKEN_PATH}`, service: SERVICE, scope, error }
    const given = Object.entries(parameters).filter(([, value]) => value !== undefined)
    return { 'www-authenticate': `Bearer ${given.map(([name, value]) => `${name}="${value}"`).join(',')}` }
  }

  /** Answers a request for a token: GET with HTTP Basic authentication, or OAuth2's POST. */
  issue(question: Question): Reply {
    const { method, parameters, authorization } = question
    if (method !== 'GET' && method !== 'POST') return refusal(405)
    const isAnonymous = method === 'GET' && authorization === undefined
    const user = method === 'POST' ? this.#byForm(parameters) : byHeader(this.#users, authorization, true)
    if (!user && !isAnonymous && this.#users.length > 0) return refusal(401)
    const scopes = scopesIn(parameters).filter((scope) => this.#grants(user, scope))
    const token = randomUUID()
    this.#tokens.set(token, { scopes, expiresAt: this.#clock.now() + this.#lifetime * 1000 })
    const wantsOffline = parameters.get('offline_token') === 'true' || parameters.get('access_type') === 'offline'
    return json(200, {
      token,
      access_token: token,
      expires_in: this.#lifetime,
      ...(wantsOffline && user?.identityToken !== undefined && { refresh_token: user.identityToken }),
    })
  }

  #byForm(parameters: URLSearchParams): TestRegistryUser | undefined {
    const [username, password] = [parameters.get('username'), parameters.get('password')]
    const refreshToken = parameters.get('refresh_token')
    return parameters.get('grant_type') === 'refresh_token'
      ? this.#users.find(({ identityToken }) => identityToken !== undefined && identityToken === refreshToken)
      : this.#users.find((user) => user.username === username && user.password === password)
  }

  #grants(user: TestRegistryUser | undefined, scope: string): boolean {
    const [, repository] = /^repository:(.+):pull$/.exec(scope) ?? []
    if (repository === undefined) return false
    return user ? mayPull(user, repository) : this.#users.length === 0
  }
}

/** `identityTokens`: whether these do as passwords. */
function byHeader(
  users: readonly TestRegistryUser[],
  authorization: string | undefined,
  identityTokens = false,
): TestRegistryUser | undefined {
  return users.find(({ username, password, identityToken }) => {
    const secrets = identityTokens && identityToken !== undefined ? [password, identityToken] : [password]
    return secrets.some((secret) => {
      return authorization === `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`
    })
  })
}

function mayPull({ repositories }: TestRegistryUser, repository: string): boolean {
  return repositories?.includes(repository) ?? true
}

function repositoryIn(path: string): string | undefined {
  return /^\/v2\/(.+)\/(?:manifests|blobs)\/[^/]+$/.exec(path)?.[1]
}

function scopeOf(path: string): string | undefined {
  const repository = repositoryIn(path)
  return repository === undefined ? undefined : `repository:${repository}:pull`
}

/** Those that were asked for, an action each. */
function scopesIn(parameters: URLSearchParams): string[] {
  const asked = parameters.getAll('scope').flatMap((scope) => scope.split(' '))
  return asked.flatMap((scope) => {
    const colon = scope.lastIndexOf(':')
    const actions = scope.slice(colon + 1).split(',')
    return actions.map((action) => `${scope.slice(0, colon)}:${action}`)
  })
}
