import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { imagePullSecret } from 'pullpass/kubernetes'
import { loadSettings } from 'pullpass/node'
import { resolveImage } from 'pullpass/reference'

const { registry } = await loadSettings({ file: 'opencti.yaml', orchestrator: 'kubernetes' })
const kubeConfig = new KubeConfig()
kubeConfig.loadFromDefault()
const api = kubeConfig.makeApiClient(CoreV1Api)

if (registry) await api.createNamespacedSecret({ namespace: 'default', body: imagePullSecret({ registry }) })
const image = resolveImage('opencti/connector-example:1.0.0', registry)
const imagePullSecrets = registry && [{ name: 'opencti-registry-auth' }]
const spec = { containers: [{ name: 'connector', image }], ...(imagePullSecrets && { imagePullSecrets }) }
await api.createNamespacedPod({ namespace: 'default', body: { metadata: { name: 'connector-example' }, spec } })
