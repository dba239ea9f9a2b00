export { createAgent, type CreateAgentOptions } from './agent.js'
export type { TargetTls } from '../undici/hop-tls.js'
