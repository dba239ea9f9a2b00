export {
  type CaMount,
  type CaMountOptions,
  type CaSecret,
  type CaSecretOptions,
  caMount,
  caSecret,
} from './ca-container.js'
export { type ProxyEnvironmentOptions, proxyEnvironment, sensitiveProxyVariables } from './environment.js'
export { splitPemCertificates } from './pem.js'
export { type DirectRoute, type HopTls, type ProxyRoute, type Route, planRoute } from './route.js'
export { type RuntimeConfigFile, runtimeProxyConfig } from './runtime-config.js'
export type { ProxyProtocol } from '../settings/proxy-url.js'
