import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { inspect } from 'node:util'
import { expect } from 'vitest'
import { encodeAuth, type ResolvedCredentials } from '../../../src/credentials/index.js'
import { defaultCredentials, type DefaultCredentialsOptions } from '../../../src/node/default-credentials.js'
import { parseImageReference } from '../../../src/reference/index.js'
import type { Env } from '../../../src/settings/index.js'

/** Every password of these tests. No error may hold it. */
export const SECRET = 's3cr3t-c4n4ry'
/** The registry of these tests, unless they say otherwise. */
export const HOST = 'registry.example.com'
/** Docker Hub, as docker login calls it. */
export const HUB = 'https://index.docker.io/v1/'

/** Settings for {@link HOST}, whose user tells where it was found. */
export const settings = { registry: { server: HOST, username: 'settings', password: SECRET, insecure: false } }

/** An `auths` with one entry, whose user tells where it was found. */
export function auths(username: string, key: string = HOST): { auths: Record<string, { auth: string }> } {
  return { auths: { [key]: { auth: encodeAuth({ username, password: SECRET }) } } }
}

export function userOf({ credentials }: ResolvedCredentials): string | undefined {
  return credentials && 'username' in credentials ? credentials.username : undefined
}

export interface Look {
  /** Default: one on {@link HOST}. */
  readonly image?: string
  readonly env?: Env
  readonly settings?: Parameters<typeof defaultCredentials>[0]
  readonly options?: DefaultCredentialsOptions
}

/** The home directory of a user who has nothing but what a test gives. */
export class Home {
  path: string
  PATH: string

  constructor(path: string, PATH = '') {
    this.path = path
    this.PATH = PATH
  }

  at(path: string): string {
    return join(this.path, path)
  }

  env(more: Env = {}): Env {
    return { HOME: this.path, USERPROFILE: this.path, PATH: this.PATH, ...more }
  }

  /** Writes a file, as text or as JSON, for the user alone. Returns its full path. */
  async write(path: string, content: unknown): Promise<string> {
    const file = this.at(path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 })
    return file
  }

  look({ image = `${HOST}/team/app:1.0`, env, settings = {}, options }: Look = {}): Promise<ResolvedCredentials> {
    const chain = defaultCredentials(settings, { env: this.env(env), ...options })
    return chain.resolve(parseImageReference(image))
  }

  /** The error of a look-up that fails, without a secret in it. */
  async failure(look: Look = {}): Promise<Error> {
    const error: unknown = await this.look(look).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_CREDENTIALS' })
    expect(inspect(error, { showHidden: true, depth: Infinity })).not.toContain(SECRET)
    return error as Error
  }
}
