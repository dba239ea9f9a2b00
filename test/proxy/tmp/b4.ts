import { runtimeProxyConfig } from '../../../src/proxy/index.js'
import { proxySettingsFromEnv } from '../../../src/settings/proxy.js'

const proxy = proxySettingsFromEnv(process.env)
for (const { path, content } of proxy ? runtimeProxyConfig(proxy) : []) console.log(path, content.length)
