export { type Content, makeTestImage, type TestImage, type TestImageOptions } from './image.js'
export { type Architecture, helloProgram } from './program.js'
export { startTestRegistry, type TestRegistry, type TestRegistryOptions, type TestRegistryRequest } from './registry.js'
