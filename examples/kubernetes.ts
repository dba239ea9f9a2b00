import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { addImagePullSecrets, ensureImagePullSecret } from 'pullpass/kubernetes'
import { loadSettings } from 'pullpass/node'
import { resolveImage } from 'pullpass/reference'

const { registry } = await loadSettings({ file: 'opencti.yaml', orchestrator: 'kubernetes' })
const kubeConfig = new KubeConfig()
kubeConfig.loadFromDefault()
const namespace = 'default'

const pod = {
  kind: 'Pod',
  metadata: { name: 'connector-example' },
  spec: { containers: [{ name: 'connector', image: resolveImage('opencti/connector-example:1.0.0', registry) }] },
}
if (registry) await ensureImagePullSecret(kubeConfig, { namespace, registry })
const body = registry ? addImagePullSecrets(pod, 'opencti-registry-auth') : pod
await kubeConfig.makeApiClient(CoreV1Api).createNamespacedPod({ namespace, body })
