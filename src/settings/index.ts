export { parseCaList } from './ca-list.js'
export { type OpenCtiSettingsOptions, parseOpenCtiSettings } from './opencti.js'
export { parseProxySettings, proxySettingsFromEnv } from './proxy.js'
export type * from './types.js'
