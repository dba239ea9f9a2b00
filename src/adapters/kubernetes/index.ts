export { applyProxy } from './apply-proxy.js'
export type { KubernetesApi } from './api.js'
export {
  checkPermissions,
  type CheckPermissionsOptions,
  type MissingPermission,
  type PermissionsResult,
} from './check-permissions.js'
export {
  type ContainerDiagnosis,
  type DiagnoseOptions,
  diagnosePod,
  formatPodDiagnosis,
  type PodDiagnosis,
} from './diagnose.js'
export {
  ensureImagePullSecret,
  type EnsureContent,
  type EnsureOptions,
  type EnsureResult,
  type PullSecretStrategy,
} from './ensure.js'
export type { PodPullSecret, PullCandidate } from './pod-secrets.js'
export {
  pullSecretRole,
  pullSecretRoleBinding,
  type PullSecretRoleBindingOptions,
  type PullSecretRoleOptions,
} from './permissions.js'
export {
  imagePullSecret,
  PULL_SECRET_NAME,
  type PullSecretContent,
  type PullSecretMetadata,
  type PullSecretOptions,
  type PullSecretRegistry,
} from './pull-secret.js'
export {
  attachToServiceAccount,
  type AttachOptions,
  detachFromServiceAccount,
  type ServiceAccountOptions,
  type ServiceAccountResult,
} from './service-account.js'
export type { RequestOptions } from './session.js'
export { setUpNamespace, type SetUpOptions, type SetUpResult } from './set-up-namespace.js'
export { syncImagePullSecrets, type SyncResult } from './sync.js'
export type { SyncContent, SyncEntries, SyncProvided, SyncProvider } from './sync-credentials.js'
export type { SyncedNamespace, SyncOptions } from './sync-run.js'
export { addImagePullSecrets, type Workload } from './workload.js'
