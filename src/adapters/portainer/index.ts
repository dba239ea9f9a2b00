export { portainerRegistryHeader } from './header.js'
export {
  portainerDockerOptions,
  type PortainerDockerOptions,
  type PortainerOptions,
  type PortainerTls,
} from './options.js'
export { findPortainerRegistry, listPortainerRegistries, type PortainerRegistry } from './registries.js'
