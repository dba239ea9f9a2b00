import {
  type CredentialChain,
  credentialChain,
  type LookUp,
  type ProviderObject,
  type ResolveOptions,
} from '../credentials/chain.js'
import { containersAuthKey } from '../credentials/containers-auth.js'
import type { DockerConfig } from '../credentials/docker-config.js'
import { dockerCredentials } from '../credentials/entry.js'
import { lookupKey } from '../credentials/lookup.js'
import { nothing } from '../credentials/nothing.js'
import { shownKey } from '../credentials/server-key.js'
import type { Credentials } from '../credentials/types.js'
import { PullpassError } from '../errors.js'
import type { ImageReference } from '../reference/types.js'
import { type ConfigFile, inFile, withPlace } from './config-files.js'
import { dockerServer } from './credential-helper.js'
import type { Machine } from './machine.js'
import { findProgram } from './run-program.js'

/** Docker's config.json: the helper that it names for the registry, or else its own entries. */
export function dockerConfigFile(machine: Machine): CredentialChain {
  const { docker: path } = machine.paths
  if (path === undefined)
    return credentialChain(nothing('config.json', 'neither DOCKER_CONFIG nor a home directory is set'))
  return sourcesFound(path, async (reference, { signal }) => {
    const file = await machine.read(path, signal)
    if (file === undefined || isEmpty(file.config)) {
      return [
        nothing(path, file ? noted(file, 'nothing about credentials in it') : 'no such file'),
        ...(await platformStore(machine)),
      ]
    }
    const server = dockerServer(reference)
    const named = dockerHelper(file.config, server)
    if (named === undefined) return [entries(file, lookupKey(file.config, reference.registry))]
    const helper = configuredHelper(machine, file, named, server)
    return [helper, nothing(path, noted(file, `with ${named.field} set, its own entries do not count`))]
  })
}

/** Podman's auth.json: the helper that it names for the registry, or else its own entries, which can be for a path. */
export function containersAuthFile(
  machine: Machine,
  place: { readonly name: string; readonly path?: string },
): CredentialChain {
  const { name, path } = place
  if (path === undefined) return credentialChain(nothing(name, 'not set'))
  return sourcesFound(path, async (reference, { signal }) => {
    const file = await machine.read(path, signal)
    if (file === undefined) return [nothing(path, 'no such file')]
    const { registry } = reference
    const name = ownValue(file.config.credHelpers, registry)
    if (name === undefined) return [entries(file, containersAuthKey(file.config, reference))]
    return [configuredHelper(machine, file, { name, field: `credHelpers[${shownKey(registry)}]` }, registry)]
  })
}

/** `.dockercfg`, which Docker reads only where there is no config.json. */
export function legacyDockerConfigFile(machine: Machine): CredentialChain {
  const { docker, dockercfg: path } = machine.paths
  if (path === undefined) return credentialChain(nothing('.dockercfg', 'no home directory is set'))
  return sourcesFound(path, async (reference, { signal }) => {
    if (docker !== undefined && (await machine.read(docker, signal)))
      return [nothing(path, 'does not count beside a config.json')]
    const file = await machine.read(path, signal)
    return [file ? entries(file, lookupKey(file.config, reference.registry)) : nothing(path, 'no such file')]
  })
}

/** A chain whose links are known when the file has been read. */
function sourcesFound(
  name: string,
  find: (reference: ImageReference, options: ResolveOptions) => Promise<readonly ProviderObject[]>,
): CredentialChain {
  return {
    sources: [name],
    resolve: async (reference, options = {}) =>
      credentialChain(...(await find(reference, options))).resolve(reference, options),
    refresh: () => undefined,
  }
}

/** An entry of a file, under a key that was found to be for the image. */
function entries(file: ConfigFile, key: string | undefined): ProviderObject {
  return {
    name: file.path,
    provide: (_reference, { note }) => {
      const credentials =
        key === undefined ? undefined : inFile(file.path, () => dockerCredentials(file.config.auths[key], key))
      note(noted(file, describeKey(key, credentials)))
      return credentials
    },
  }
}

function describeKey(key: string | undefined, credentials: Credentials | undefined): string {
  if (key === undefined) return 'no entry for it'
  return credentials ? `auths[${shownKey(key)}]` : `auths[${shownKey(key)}] is empty`
}

interface NamedHelper {
  readonly name: string
  /** The field that names it. */
  readonly field: string
}

/** The helper that docker CLI asks. An empty name in `credHelpers` takes the registry out of the store. */
function dockerHelper({ credHelpers, credsStore }: DockerConfig, server: string): NamedHelper | undefined {
  const own = ownValue(credHelpers, server)
  if (own !== undefined) return own === '' ? undefined : { name: own, field: `credHelpers[${shownKey(server)}]` }
  return credsStore === undefined ? undefined : { name: credsStore, field: 'credsStore' }
}

function configuredHelper(
  machine: Machine,
  file: ConfigFile,
  { name, field }: NamedHelper,
  server: string,
): ProviderObject {
  const place = `${field} in ${file.path}`
  const helper = inFile(place, () => machine.helper(name))
  return {
    name: helper.program,
    provide: async (_reference, lookUp) => {
      try {
        const credentials = await helper.get(server, lookUp)
        lookUp.note(noted(file, credentials ? place : `${place}; it has none`))
        return credentials
      } catch (error) {
        throw withPlace(place, error)
      }
    },
  }
}

/**
 * The store that docker CLI asks when config.json holds nothing about credentials. Nobody configured it, so that one
 * that fails is, as to Docker, one that has nothing.
 */
async function platformStore(machine: Machine): Promise<ProviderObject[]> {
  const name = await platformStoreName(machine)
  const helper = machine.helper(name)
  if ((await findProgram(helper.program, machine.env)) === undefined) return []
  const provide = async (reference: ImageReference, lookUp: LookUp): Promise<Credentials | undefined> => {
    try {
      const credentials = await helper.get(dockerServer(reference), lookUp)
      lookUp.note(credentials ? DEFAULT_STORE : `${DEFAULT_STORE}; it has none`)
      return credentials
    } catch (error) {
      if (!(error instanceof PullpassError)) throw error
      lookUp.note(`${DEFAULT_STORE}; ${error.message}`)
      return undefined
    }
  }
  return [{ name: helper.program, provide }]
}

const DEFAULT_STORE = "Docker's default on this machine"

async function platformStoreName({ env }: Machine): Promise<string> {
  if (process.platform === 'darwin') return 'osxkeychain'
  if (process.platform === 'win32') return 'wincred'
  return (await findProgram('pass', env)) === undefined ? 'secretservice' : 'pass'
}

function isEmpty({ auths, credHelpers, credsStore }: DockerConfig): boolean {
  return credsStore === undefined && Object.keys({ ...auths, ...credHelpers }).length === 0
}

function noted({ openMode }: ConfigFile, detail: string): string {
  return openMode === undefined ? detail : `${detail}; others can read this file, its mode is ${openMode}`
}

function ownValue(record: Readonly<Record<string, string>> | undefined, key: string): string | undefined {
  return record && Object.hasOwn(record, key) ? record[key] : undefined
}
