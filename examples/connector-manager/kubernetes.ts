import { AppsV1Api, CoreV1Api, KubeConfig, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { PullpassError, resolveImage } from 'pullpass'
import { addImagePullSecrets, applyProxy, diagnosePod, ensureImagePullSecret } from 'pullpass/kubernetes'
import { logger } from './logger.ts'
import type { Connect } from './config.ts'

/** Connectors as Deployments in the namespace of the kubeconfig's context. */
export const connect: Connect = async ({ settings: { registry, proxy }, manager, option }, signal) => {
  const kubeConfig = applyProxy(new KubeConfig(), proxy)
  kubeConfig.loadFromDefault()
  const namespace = kubeConfig.getContextObject(kubeConfig.currentContext)?.namespace ?? 'default'
  const [apps, core] = [kubeConfig.makeApiClient(AppsV1Api), kubeConfig.makeApiClient(CoreV1Api)]
  const secret = await ensureImagePullSecret(kubeConfig, { namespace, registry, strategy: 'apply', logger, signal })
  const generations = new Map<string, number | undefined>()
  return {
    list: async () => {
      const labelSelector = `opencti-manager=${manager}`
      const { items } = await apps.listNamespacedDeployment({ namespace, labelSelector })
      for (const { metadata } of items) generations.set(metadata?.name ?? '', metadata?.generation)
      return [...generations.keys()]
    },
    deploy: async ({ name, image, environment }, isOurs) => {
      const container = {
        name: 'connector',
        image: resolveImage(image, registry),
        imagePullPolicy: option('image_pull_policy') ?? 'IfNotPresent',
        env: environment.map(([name, value]) => ({ name, value })),
      }
      const metadata = { name, labels: { 'opencti-manager': manager, 'opencti-connector': name } }
      const { labels } = metadata
      const template = { metadata: { labels }, spec: { containers: [container] } }
      const deployment = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata,
        spec: { selector: { matchLabels: labels }, template },
      }
      const body = addImagePullSecrets(deployment, secret.action === 'skipped' ? [] : secret.name)
      // Not by force: a Deployment of somebody else's is a conflict.
      const request = { namespace, name, body, fieldManager: 'connector-manager' }
      const how = setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply)
      const applied = await apps.patchNamespacedDeployment(request, how)
      if (!isOurs) return 'created'
      if (applied.metadata?.generation !== generations.get(name)) return 'updated'
      // Its pods have been there for a while: whether kubelet could pull for them.
      const pods = await core.listNamespacedPod({ namespace, labelSelector: `opencti-connector=${name}` })
      for (const { metadata } of pods.items) {
        const { containers } = await diagnosePod(kubeConfig, { namespace, name: metadata?.name ?? '', signal })
        const { failure, advice = [] } = containers.find(({ state }) => state === 'failing') ?? {}
        if (failure) throw new PullpassError(failure.code, failure.message, { hint: advice[0] ?? failure.hint })
      }
      return 'kept'
    },
    remove: (name) => apps.deleteNamespacedDeployment({ namespace, name }),
  }
}
