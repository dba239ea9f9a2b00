import { type CredentialChain, credentialChain } from '../credentials/chain.js'
import { settingsCredentials } from '../credentials/settings-provider.js'
import type { RegistrySettings } from '../settings/types.js'
import { containersAuthFile, dockerConfigFile, legacyDockerConfigFile } from './config-sources.js'
import type { CredentialHelperOptions } from './credential-helper.js'
import { dockerAuthConfig } from './docker-auth-config.js'
import { Machine } from './machine.js'

/**
 * Options of {@link defaultCredentials}. `timeout` and `cacheTtl` are those of the credential helpers; files are kept
 * for `cacheTtl` too.
 */
export type DefaultCredentialsOptions = CredentialHelperOptions

/**
 * Credentials from the settings, and else from wherever `docker login` and `podman login` of the same user have left
 * them. The first of these that knows any for the image's registry:
 *
 * 1. the settings, for images on their own registry;
 * 2. the environment variable DOCKER_AUTH_CONFIG;
 * 3. the credential helper that `credHelpers` of Docker's config.json names for the registry; the file is in the
 *    directory DOCKER_CONFIG, else in `~/.docker`;
 * 4. the one that `credsStore` names for every other registry; where the file holds nothing about credentials at all,
 *    or is not there, the one that Docker takes then, if it is installed: `pass` or `secretservice`, `osxkeychain`,
 *    `wincred`;
 * 5. the entries of config.json, unless it names a helper for the registry: then they are no fallback;
 * 6. the file that REGISTRY_AUTH_FILE names, with Podman's rules, as the next two;
 * 7. `$XDG_RUNTIME_DIR/containers/auth.json`;
 * 8. `$XDG_CONFIG_HOME/containers/auth.json`, else `~/.config/containers/auth.json`;
 * 9. `~/.dockercfg`, where there is no config.json;
 *
 * and else none: the pull is anonymous. Nothing is read before the first `resolve`, and nothing behind the source that
 * knows.
 *
 * @param settings What `loadSettings` returns; `{}` for none.
 * @returns A chain. `resolve` throws a `PullpassError` `ERR_CREDENTIALS`, naming file or helper, for a file that is there
 * and cannot be read or understood, and for a helper that fails: see `credentialHelper`. A file that is not there is
 * nothing. `refresh` forgets what files and helpers have said.
 * @throws {PullpassError} `ERR_SETTINGS` for a registry server that is not one.
 * @throws {TypeError} When `timeout` or `cacheTtl` is no number of seconds, or `clock` none.
 */
export function defaultCredentials(
  settings: { readonly registry?: RegistrySettings | undefined },
  options: DefaultCredentialsOptions = {},
): CredentialChain {
  const machine = new Machine(options)
  const chain = credentialChain(
    settingsCredentials(settings),
    dockerAuthConfig(machine.env),
    dockerConfigFile(machine),
    ...machine.paths.containers.map((place) => containersAuthFile(machine, place)),
    legacyDockerConfigFile(machine),
  )
  return { ...chain, refresh: () => machine.refresh() }
}
