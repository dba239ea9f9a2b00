import type { V1CronJob, V1Deployment, V1Pod, V1PodTemplate } from '@kubernetes/client-node'
import { describe, expect, it } from 'vitest'
import { addImagePullSecrets, type Workload } from '../../../src/adapters/kubernetes/index.js'

const spec = { containers: [{ name: 'connector', image: 'registry.example.com/x:1' }] }
const template = { metadata: { labels: { app: 'x' } }, spec }
const selector = { matchLabels: { app: 'x' } }
const withSecret = { ...spec, imagePullSecrets: [{ name: 'auth' }] }

const workloads: [string, Workload, (changed: never) => unknown][] = [
  ['Pod', { kind: 'Pod', spec }, ({ spec: found }: V1Pod) => found],
  ['PodTemplate', { kind: 'PodTemplate', template }, ({ template: found }: V1PodTemplate) => found?.spec],
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job'].map((kind): (typeof workloads)[number] => [
    kind,
    { kind, spec: { selector, template } },
    ({ spec: found }: V1Deployment) => found?.template.spec,
  ]),
  [
    'CronJob',
    { kind: 'CronJob', spec: { schedule: '* * * * *', jobTemplate: { spec: { template } } } },
    (changed: V1CronJob) => changed.spec.jobTemplate.spec!.template.spec,
  ],
]

describe('addImagePullSecrets', () => {
  it.each(workloads)('adds to a %s, with or without its kind, and leaves the rest', (_, workload, podSpec) => {
    const before = structuredClone(workload)
    const changed = addImagePullSecrets(workload, 'auth')
    expect(podSpec(changed as never)).toEqual(withSecret)
    expect(workload).toEqual(before)
    const { kind: _kind, ...bare } = workload as { kind: string } & Workload
    expect(podSpec(addImagePullSecrets(bare as Workload, ['auth']) as never)).toEqual(withSecret)
    expect(JSON.parse(JSON.stringify(changed).replace(',"imagePullSecrets":[{"name":"auth"}]', ''))).toEqual(before)
  })

  it('keeps the order and has each once', () => {
    const pod = { spec: { ...spec, imagePullSecrets: [{ name: 'b' }, { name: 'a' }] } }
    const names = addImagePullSecrets(pod, ['c', 'a', 'c', 'd']).spec.imagePullSecrets.map(({ name }) => name)
    expect(names).toEqual(['b', 'a', 'c', 'd'])
  })

  it.each([
    [{ kind: 'Deployment', metadata: {} }, 'auth'],
    [{ kind: 'Deployment', spec: { selector, template: {} } }, 'auth'],
    [{ spec }, ['']],
  ])('refuses %o with %o', (workload, names) => {
    expect(() => addImagePullSecrets(workload as Workload, names)).toThrow(TypeError)
  })
})
