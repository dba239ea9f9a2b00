// node examples/kubernetes-diagnose.ts NAMESPACE POD
import { KubeConfig } from '@kubernetes/client-node'
import { diagnosePod, formatPodDiagnosis } from 'pullpass/kubernetes'

const [namespace = 'default', name = ''] = process.argv.slice(2)
const kubeConfig = new KubeConfig()
kubeConfig.loadFromDefault()
console.log(formatPodDiagnosis(await diagnosePod(kubeConfig, { namespace, name })))
