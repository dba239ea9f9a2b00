import { planRoute } from '../../../src/proxy/index.js'
import { proxySettingsFromEnv } from '../../../src/settings/proxy.js'

const proxy = proxySettingsFromEnv(process.env)
const route = planRoute('https://registry.example.com/v2/', proxy)
console.log(route) // a password in it is printed as ***
