import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { KubeConfig, type V1Pod, type V1Secret } from '@kubernetes/client-node'
import { addImagePullSecrets, applyProxy, ensureImagePullSecret, imagePullSecret } from 'pullpass/kubernetes'

const registry = { server: 'registry.example.com', username: 'myuser', password: 'mypassword' }
const secret: V1Secret = imagePullSecret({ registry })
assert.equal(secret.type, 'kubernetes.io/dockerconfigjson')
const pod: V1Pod = addImagePullSecrets({ kind: 'Pod', spec: { containers: [] } }, 'mine')
assert.equal(pod.spec?.imagePullSecrets?.[0]?.name, 'mine')

// An API server that forbids everything.
const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Forbidden', message: 'no', code: 403 }
const server = createServer((_request, response) => {
  response.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify(status))
})
await once(server.listen(0, '127.0.0.1'), 'listening')
const kubeConfig = new KubeConfig()
kubeConfig.loadFromClusterAndUser(
  { name: 'cluster', server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, skipTLSVerify: true },
  { name: 'user' },
)
for (const api of [kubeConfig, applyProxy(kubeConfig, undefined)]) {
  const ensuring = ensureImagePullSecret(api, { namespace: 'default', registry })
  await assert.rejects(ensuring, { code: 'ERR_KUBERNETES_FORBIDDEN' })
}
server.close()
server.closeAllConnections()
