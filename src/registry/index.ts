export { parseChallenges, type Challenge } from './challenges.js'
export { createRegistryClient } from './client.js'
export { explainPull } from './explain.js'
export type {
  Counterpart,
  CredentialExplanation,
  ExchangeLine,
  ExplainPullOptions,
  ImageExplanation,
  PullExplanation,
  PullVerdict,
  RouteExplanation,
} from './explanation.js'
export { formatExplanation } from './format-explanation.js'
export type {
  CallOptions,
  CheckPullOptions,
  CredentialCheck,
  PullCheck,
  RegistryClient,
  RegistryClientOptions,
} from './types.js'
