export { createDispatcher, type CreateDispatcherOptions } from './dispatcher.js'
export type { TargetTls } from './hop-tls.js'
