import { caMount, proxyEnvironment, sensitiveProxyVariables } from '../../../src/proxy/index.js'
import { parseProxySettings } from '../../../src/settings/proxy.js'

const proxy = parseProxySettings({ https_proxy: 'http://user:secret@proxy.example.com:3128', no_proxy: '.svc' })
if (proxy) {
  const mount = caMount({ hostPath: '/etc/ssl/corporate-bundle.pem' })
  const environment = proxyEnvironment(proxy, { caPath: mount.Target })
  const createOptions = {
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    HostConfig: { Mounts: [mount] },
  }
  console.log(Object.keys(createOptions), 'keep out of logs:', sensitiveProxyVariables(environment))
}
