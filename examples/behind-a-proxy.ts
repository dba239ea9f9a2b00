// Behind a company's proxy: the registry is asked through it, the engine is reached through it (unless it is on this
// machine), and the container is given it, with the company's certificate authorities.
import Docker from 'dockerode'
import { deployContainer, dockerOptions } from 'pullpass/docker'
import { defaultCredentials, loadSettings } from 'pullpass/node'
import { resolveImage } from 'pullpass/reference'
import { createRegistryClient } from 'pullpass/registry'

const image = 'opencti/connector-example:1.0.0'
// A file on the engine's machine with all authorities that the container is to trust, the proxy's among them.
const { CA_BUNDLE: caPath = '/etc/ssl/corporate-bundle.pem' } = process.env

// with_proxy, https_proxy, no_proxy and https_proxy_ca, or OPENCTI__DAEMON__WITH_PROXY, HTTPS_PROXY and so on.
const settings = await loadSettings({ file: 'opencti.yaml', orchestrator: 'docker', strictTls: true })
const { proxy, retry, tokenTtl } = settings
const credentials = defaultCredentials(settings)

const registry = createRegistryClient({ proxy, credentials, retry, tokenTtl })
try {
  const { digest, source } = await registry.checkPull(resolveImage(image, settings.registry))
  console.log(`${image} is ${digest}, to be had with ${source}`)
} finally {
  await registry.close()
}

// The engine pulls by its own proxy settings, see docs/proxies.md.
const docker = new Docker(dockerOptions(proxy))
const spec = { image, name: 'connector-example', settings, ...(proxy && { proxy, caPath }) }
const { container, action } = await deployContainer(docker, spec, { credentials })
console.log(`${action} ${container.id}`)
