export { familiarImageReference, formatImageReference } from './format.js'
export { parseImageReference } from './parse.js'
export { type HasRegistryOptions, hasRegistry, resolveImage } from './resolve.js'
export type { ImageReference } from './types.js'
