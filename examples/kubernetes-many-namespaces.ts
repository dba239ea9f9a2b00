// Keeps a pull secret in every namespace with the label pulls=private, until it is told to stop.
import { KubeConfig } from '@kubernetes/client-node'
import { syncImagePullSecrets } from 'pullpass/kubernetes'
import { loadSettings } from 'pullpass/node'

const { registry } = await loadSettings({ file: 'opencti.yaml', orchestrator: 'kubernetes' })
const kubeConfig = new KubeConfig()
kubeConfig.loadFromDefault()
const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())

await syncImagePullSecrets(kubeConfig, {
  labelSelector: 'pulls=private',
  registry,
  strategy: 'apply',
  serviceAccount: 'default',
  signal: stop.signal,
  onResult: ({ namespace, action, error }) => console.log(namespace, action, error?.message ?? ''),
})
