import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { addImagePullSecrets, ensureImagePullSecret } from 'pullpass/kubernetes'
import { loadSettings } from 'pullpass/node'
import { resolveImage } from 'pullpass/reference'

const { registry } = await loadSettings({ file: 'opencti.yaml', orchestrator: 'kubernetes' })
const kubeConfig = new KubeConfig()
kubeConfig.loadFromDefault()
const namespace = 'default'

const { action, name } = await ensureImagePullSecret(kubeConfig, { namespace, registry })
const pod = {
  metadata: { name: 'connector-example' },
  spec: { containers: [{ name: 'connector', image: resolveImage('opencti/connector-example:1.0.0', registry) }] },
}
const body = action === 'skipped' ? pod : addImagePullSecrets(pod, name)
await kubeConfig.makeApiClient(CoreV1Api).createNamespacedPod({ namespace, body })
