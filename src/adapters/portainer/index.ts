export { portainerRegistryHeader } from './header.js'
export { portainerDockerOptions, type DockerOptions, type PortainerOptions, type PortainerTls } from './options.js'
export { findPortainerRegistry, listPortainerRegistries, type PortainerRegistry } from './registries.js'
