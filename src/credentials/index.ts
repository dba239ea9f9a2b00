export { decodeAuth, encodeAuth } from './auth.js'
export { cachedProvider, type CacheOptions } from './cached-provider.js'
export {
  credentialChain,
  type CredentialChain,
  type LookUp,
  type NamedProvider,
  type ProvideCredentials,
  type ProvidedCredentials,
  type ProviderObject,
  type ResolvedCredentials,
  type ResolveOptions,
} from './chain.js'
export { parseDockerConfig, type DockerConfig, type DockerConfigEntry, type DockerConfigJson } from './docker-config.js'
export { dockerConfigJson, serializeDockerConfigJson } from './docker-config-json.js'
export { lintPullSecret, type PullSecretFinding } from './lint.js'
export { lookupDockerConfig } from './lookup.js'
export { compilePullSecrets, matchPullSecrets, type PullSecretMatch } from './pull-secrets.js'
export { registryAuthHeader } from './registry-auth-header.js'
export { settingsCredentials } from './settings-provider.js'
export { credentialsFrom, type CredentialSource } from './source.js'
export { formatTrace, type TraceLine } from './trace.js'
export type {
  CredentialProvider,
  Credentials,
  IdentityTokenCredentials,
  PasswordCredentials,
  RegistryTokenCredentials,
} from './types.js'
