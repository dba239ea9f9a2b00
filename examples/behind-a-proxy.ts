// The registry is asked through the company's proxy, and the container is given it, with the company's CA.
import Docker from 'dockerode'
import { deployContainer, dockerOptions } from 'pullpass/docker'
import { loadSettings } from 'pullpass/node'
import { explainPull, formatExplanation } from 'pullpass/registry'

const image = 'opencti/connector-example:1.0.0'
// A file on the engine's machine with all authorities that the container is to trust, the proxy's among them.
const { CA_BUNDLE: caPath = '/etc/ssl/corporate-bundle.pem' } = process.env

// with_proxy, https_proxy, no_proxy and https_proxy_ca, or OPENCTI__DAEMON__WITH_PROXY, HTTPS_PROXY and so on.
const settings = await loadSettings({ file: 'opencti.yaml', orchestrator: 'docker', strictTls: true })
console.log(formatExplanation(await explainPull(image, { settings })))

// The engine itself pulls by its own proxy settings, see docs/proxies.md.
const { proxy } = settings
const spec = { image, name: 'connector-example', settings, ...(proxy && { proxy, caPath }) }
const { container } = await deployContainer(new Docker(dockerOptions(proxy)), spec)
console.log(container.id)
