import type {
  V1CronJob,
  V1DaemonSet,
  V1Deployment,
  V1Job,
  V1Pod,
  V1PodSpec,
  V1PodTemplate,
  V1ReplicaSet,
  V1StatefulSet,
} from '@kubernetes/client-node'

/** What runs pods, or is one. */
export type Workload =
  V1Pod | V1PodTemplate | V1Deployment | V1StatefulSet | V1DaemonSet | V1ReplicaSet | V1Job | V1CronJob

/**
 * A copy of a workload whose pods have these pull secrets, behind those they have already, each once. kubelet tries them
 * in this order.
 *
 * @param workload Left as it is. It is known by its shape, so `kind` may be absent.
 * @param names Of secrets in the workload's namespace.
 * @throws {TypeError} When there is no pod's `spec` where the kind has it.
 */
export function addImagePullSecrets<T extends Workload>(workload: T, names: string | readonly string[]): T {
  const wanted = typeof names === 'string' ? [names] : names
  for (const name of wanted) {
    if (typeof name !== 'string' || name === '') throw new TypeError('names must be names of secrets')
  }
  return changed(workload, pathToPodSpec(workload), (spec) => withPullSecrets(spec as V1PodSpec, wanted)) as T
}

function withPullSecrets(spec: V1PodSpec, names: readonly string[]): V1PodSpec {
  const there = spec.imagePullSecrets?.flatMap(({ name }) => name ?? []) ?? []
  const imagePullSecrets = [...new Set([...there, ...names])].map((name) => ({ name }))
  return { ...(spec as object), imagePullSecrets } as V1PodSpec
}

/** Where the kinds keep the spec of their pods, the deepest first. */
const PATHS = [
  ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  ['spec', 'template', 'spec'],
  ['template', 'spec'],
  ['spec'],
]

function pathToPodSpec(workload: Workload): string[] {
  // A controller's own spec has a selector or a template, and no containers.
  const path = PATHS.find((each) => each.at(-2) !== undefined && at(workload, each.slice(0, -1)) !== undefined)
  const found = path ?? ['spec']
  const spec = at(workload, found)
  if (typeof spec === 'object' && spec !== null) return found
  const kind = (workload as { kind?: string }).kind ?? 'workload'
  throw new TypeError(`workload must have a pod's spec: found none at ${found.join('.')} of this ${kind}`)
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], value)
}

function changed(value: unknown, [key, ...rest]: readonly string[], change: (inner: unknown) => unknown): unknown {
  if (key === undefined) return change(value)
  const holder = value as Record<string, unknown>
  return { ...holder, [key]: changed(holder[key], rest, change) }
}
