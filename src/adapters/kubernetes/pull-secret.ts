import type { V1Secret } from '@kubernetes/client-node'
import { type Credentials, dockerConfigJson, serializeDockerConfigJson } from '../../credentials/index.js'
import { PullpassError } from '../../errors.js'
import type { RegistrySettings } from '../../settings/index.js'
import { checkMetadata } from './metadata.js'
import { DATA_KEY, maskedSecret, SECRET_TYPE } from './secret-data.js'

/** What the pull secret is called unless told otherwise: the name that OpenCTI's connector manager documents. */
export const PULL_SECRET_NAME = 'opencti-registry-auth'

/** `registry` for one, in the words of the operator's settings; `credentials` for several. */
export type PullSecretOptions = PullSecretMetadata & PullSecretContent

/** For which registries a pull secret is. */
export type PullSecretContent =
  | { readonly registry: PullSecretRegistry; readonly credentials?: never }
  | {
      /** Server to credentials, as in `dockerConfigJson`. */
      readonly credentials: Readonly<Record<string, Credentials>>
      readonly registry?: never
    }

/** A registry as the settings have it. */
export type PullSecretRegistry = Pick<RegistrySettings, 'server' | 'username' | 'password' | 'email'>

/** What stands in the secret's `metadata`. */
export interface PullSecretMetadata {
  /** Default `opencti-registry-auth`. */
  readonly name?: string | undefined
  /** Default: none, the caller's API call decides. */
  readonly namespace?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
}

/** The API server takes this much of data, keys not counted. */
const LARGEST_DATA = 1 << 20

/**
 * Makes the Secret that lets a node pull from a private registry, with the content of
 * `kubectl create secret docker-registry`. Printed with its data masked.
 *
 * @returns A Secret of type `kubernetes.io/dockerconfigjson`, not yet sent anywhere.
 * @throws {PullpassError} `ERR_CREDENTIALS`: there is no user or password, or one that cannot be sent.
 * `ERR_PULL_SECRET_INVALID`: kubelet could not use it (an identity or registry token), or the API server would refuse
 * its name, namespace, labels, annotations or size.
 * @throws {TypeError} When there is neither `registry` nor `credentials`, or both.
 */
export function imagePullSecret(options: PullSecretOptions): V1Secret {
  const { name = PULL_SECRET_NAME, namespace, labels, annotations } = options
  checkMetadata({ name, namespace, labels, annotations })
  const entries = entriesOf(options)
  checkEntries(entries)
  const config = Buffer.from(serializeDockerConfigJson(dockerConfigJson(entries)))
  if (config.length > LARGEST_DATA) {
    throw invalid(`its data is ${config.length} bytes, and a Secret holds ${LARGEST_DATA}`, 'Split it into several.')
  }
  return maskedSecret({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(labels && { labels: { ...labels } }),
      ...(annotations && { annotations: { ...annotations } }),
    },
    type: SECRET_TYPE,
    data: { [DATA_KEY]: config.toString('base64') },
  })
}

function entriesOf(options: PullSecretContent): Readonly<Record<string, Credentials>> {
  checkContent(options)
  const { registry, credentials } = options as {
    registry?: PullSecretRegistry
    credentials?: Readonly<Record<string, Credentials>>
  }
  if (registry !== undefined) return registryEntry(registry)
  if (credentials !== undefined) return credentials
  throw new TypeError('registry or credentials: one of them must be given')
}

/** @throws {TypeError} When `registry` and `credentials` are both given, or neither is named. */
export function checkContent(options: { readonly registry?: unknown; readonly credentials?: unknown }): void {
  if (!('registry' in options) && !('credentials' in options)) {
    throw new TypeError('registry or credentials: one of them must be given')
  }
  if (options.registry !== undefined && options.credentials !== undefined) {
    throw new TypeError('registry and credentials: only one of them can be given')
  }
}

function registryEntry({ server, username, password, email }: PullSecretRegistry): Record<string, Credentials> {
  if (username === undefined || password === undefined) {
    throw new PullpassError(
      'ERR_CREDENTIALS',
      `no credentials are configured for ${server}: user or password is missing`,
      {
        hint: 'Set opencti.daemon.registry.username and password; a registry that asks for none needs no pull secret.',
      },
    )
  }
  return { [server]: { username, password, ...(email !== undefined && { email }) } }
}

function checkEntries(entries: Readonly<Record<string, Credentials>>): void {
  const servers = Object.entries(entries)
  if (servers.length === 0) throw invalid('there are no credentials to put into it', 'Give at least one registry.')
  for (const [server, credentials] of servers) {
    if ('password' in credentials) continue
    const kind = 'identityToken' in credentials ? 'an identity token' : 'a registry token'
    throw invalid(
      `kubelet reads a user and a password, and what is given for ${server} is ${kind}`,
      'Make a pull user, robot account or access token at the registry, and use it as user and password.',
    )
  }
}

function invalid(what: string, hint: string): PullpassError {
  return new PullpassError('ERR_PULL_SECRET_INVALID', `the pull secret cannot be made: ${what}`, { hint })
}
