import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  diagnosePod,
  formatPodDiagnosis,
  imagePullSecret,
  type PodDiagnosis,
  type PullSecretOptions,
} from '../../../src/adapters/kubernetes/index.js'
import { pullSecretRoleBinding } from '../../../src/adapters/kubernetes/permissions.js'
import { PASSWORD, registry, retry, useApiServer } from './support.js'

const server = useApiServer()
const namespace = 'connectors'
const image = 'registry.example.com/opencti/connector-example:1.0.0'
const denied = 'pull access denied, repository does not exist or may require authorization: no basic auth credentials'
const unauthorized = 'unexpected status from HEAD request to https://registry.example.com/v2/x: 401 Unauthorized'

interface Waiting {
  readonly reason: string
  readonly message?: string
  readonly running?: boolean
}

interface Event {
  readonly reason: string
  readonly message: string
}

interface PodParts {
  readonly secrets?: readonly string[]
  readonly image?: string
  readonly state?: object
  readonly events?: readonly Event[]
}

/** A pod as kubelet leaves it. */
function pod({ secrets = [], image: of = image, state = {}, events = [] }: PodParts): void {
  const containers = [{ name: 'connector', image: of }]
  const imagePullSecrets = secrets.map((name) => ({ name }))
  const { metadata } = server.current.put('pods', {
    metadata: { name: 'p', namespace },
    spec: { containers, serviceAccountName: 'default', ...(secrets.length > 0 && { imagePullSecrets }) },
    status: { phase: 'Pending', containerStatuses: [{ name: 'connector', image: of, imageID: '', ...state }] },
  })
  const fieldPath = 'spec.containers{connector}'
  for (const [index, event] of events.entries()) {
    const involvedObject = { kind: 'Pod', name: 'p', namespace, uid: metadata.uid, fieldPath }
    const at = { firstTimestamp: `2025-11-21T03:00:${10 + index}Z`, lastTimestamp: `2025-11-21T03:00:${10 + index}Z` }
    server.current.put('events', { metadata: { name: `p.${index}`, namespace }, involvedObject, ...at, ...event })
  }
}

function backOff(message: string): object {
  const cause = `failed to pull and unpack image "${image}": failed to resolve image: ${message}`
  return {
    state: {
      waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}": ErrImagePull: ${cause}` },
    },
  }
}

function secret(name: string, options: PullSecretOptions = { registry }, more: object = {}): void {
  const { data, type } = imagePullSecret(options)
  server.current.put('secrets', { metadata: { name, namespace }, type, data, ...more })
}

function serviceAccount(...names: string[]): void {
  const imagePullSecrets = names.map((name) => ({ name }))
  server.current.put('serviceaccounts', { metadata: { name: 'default', namespace }, imagePullSecrets })
}

async function diagnose(kubeConfig = server.current.kubeConfig()): Promise<PodDiagnosis> {
  const diagnosis = await diagnosePod(kubeConfig, { namespace, name: 'p', retry })
  expect(inspect(diagnosis, { depth: 9 })).not.toContain(PASSWORD)
  expect(JSON.stringify(diagnosis)).not.toContain(PASSWORD)
  return diagnosis
}

describe('diagnosePod', () => {
  it('tells of a pod without pull secrets', async () => {
    serviceAccount()
    pod({ state: backOff(denied) })
    const { failing, containers, pullSecrets } = await diagnose()
    expect(failing).toBe(true)
    expect(pullSecrets).toEqual([])
    expect(containers).toMatchObject([{ name: 'connector', image, state: 'failing', candidates: [] }])
    expect(containers[0]?.failure?.code).toBe('ERR_AUTHENTICATION_REQUIRED')
    expect(containers[0]?.advice[0]).toContain('setUpNamespace')
  })

  it('tells of a pod that was made before its service account had the secret', async () => {
    secret('auth')
    serviceAccount('auth')
    pod({ state: backOff(denied) })
    const { containers, serviceAccount: account } = await diagnose()
    expect(account).toEqual({ name: 'default', imagePullSecrets: ['auth'] })
    expect(containers[0]?.advice[0]).toContain('(auth): delete it')
  })

  it('tells of a secret that is not there', async () => {
    pod({ secrets: ['nosuch'], state: backOff(denied) })
    const { containers, pullSecrets } = await diagnose()
    expect(pullSecrets).toMatchObject([{ name: 'nosuch', state: 'missing' }])
    expect(containers[0]?.advice[0]).toContain('pull secret nosuch: There is no secret of this name')
  })

  it('tells of a secret of a type that kubelet does not read', async () => {
    secret('auth', { registry }, { type: 'Opaque' })
    pod({ secrets: ['auth'], state: backOff(denied) })
    const { containers, pullSecrets } = await diagnose()
    expect(pullSecrets).toMatchObject([
      { state: 'ignored', findings: [{ problem: expect.stringContaining('Opaque') as string }] },
    ])
    expect(containers[0]?.candidates).toEqual([])
  })

  it('tells of a secret for another registry', async () => {
    secret('auth', { registry: { ...registry, server: 'other.example.com' } })
    pod({ secrets: ['auth'], state: backOff(denied) })
    const { containers, pullSecrets } = await diagnose()
    expect(pullSecrets).toMatchObject([{ state: 'usable', keys: ['other.example.com'] }])
    expect(containers[0]?.advice[0]).toBe(
      'No pull secret of the pod is for registry.example.com; they are for other.example.com. Add one that is.',
    )
  })

  it('tells of wrong credentials, and whose they are', async () => {
    secret('other', { registry: { ...registry, server: 'other.example.com' } })
    secret('auth')
    pod({ secrets: ['other', 'auth'], state: backOff(unauthorized) })
    const { containers } = await diagnose()
    expect(containers[0]).toMatchObject({
      failure: { code: 'ERR_UNAUTHORIZED' },
      candidates: [{ secret: 'auth', key: 'registry.example.com', username: 'myuser' }],
    })
    expect(containers[0]?.advice[0]).toContain('user "myuser" of pull secret auth')
  })

  it('tells of a broken secret, which spoils the others', async () => {
    const broken = btoa('{"auths":{"registry.example.com":{"auth":"***"}}}')
    secret('auth')
    secret('broken', { registry }, { data: { '.dockerconfigjson': broken } })
    const waiting = { reason: 'illegal base64 data at input byte 0' }
    pod({ secrets: ['auth', 'broken'], state: { state: { waiting } } })
    const { failing, containers, pullSecrets } = await diagnose()
    expect(failing).toBe(true)
    expect(pullSecrets.map(({ state }) => state)).toEqual(['usable', 'broken'])
    expect(containers[0]).toMatchObject({ failure: { code: 'ERR_PULL_SECRET_INVALID' }, candidates: [] })
    expect(containers[0]?.advice[0]).toContain('Repair pull secret broken')
  })

  it('tells what in a secret kubelet does not use', async () => {
    const config = { auths: { 'registry.example.com': { identitytoken: PASSWORD } }, credsStore: 'desktop' }
    secret('auth', { registry }, { data: { '.dockerconfigjson': btoa(JSON.stringify(config)) } })
    pod({ secrets: ['auth'], state: backOff(denied) })
    const problems = (await diagnose()).pullSecrets[0]?.findings.map(({ problem }) => problem).join(' ')
    expect(problems).toContain('credsStore "desktop"')
    expect(problems).toContain('identitytoken is not read by kubelet')
  })

  it('reads a legacy secret', async () => {
    const legacy = { 'registry.example.com': { auth: btoa(`myuser:${PASSWORD}`) } }
    const data = { '.dockercfg': btoa(JSON.stringify(legacy)) }
    secret('auth', { registry }, { type: 'kubernetes.io/dockercfg', data })
    pod({ secrets: ['auth'], state: backOff(unauthorized) })
    expect((await diagnose()).containers[0]?.candidates).toMatchObject([{ secret: 'auth', username: 'myuser' }])
  })

  it('takes the words of an event when the state has none', async () => {
    const message = `Failed to pull image "${image}": failed to resolve image: ${denied}`
    pod({ events: [{ reason: 'Failed', message }], state: { state: { waiting: { reason: 'ContainerCreating' } } } })
    expect((await diagnose()).containers[0]).toMatchObject({
      state: 'failing',
      failure: { code: 'ERR_AUTHENTICATION_REQUIRED' },
    })
  })

  it.each([
    ['runs', { state: { running: { startedAt: '2026-11-21T03:00:00Z' } } }, 'pulled'],
    [
      'crashes',
      { state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 1 } } },
      'pulled',
    ],
    ['is not there yet', {}, 'pending'],
  ])('does not find fault with a pod that %s', async (_, state, expected) => {
    pod({ state })
    const { failing, containers } = await diagnose()
    expect([failing, containers[0]?.state, containers[0]?.advice]).toEqual([false, expected, []])
  })

  it('tells of a pull that hangs, which leaves no other trace', async () => {
    pod({ events: [{ reason: 'Pulling', message: `Pulling image "${image}"` }] })
    const { failing, containers } = await diagnose()
    expect([failing, containers[0]?.state]).toEqual([false, 'pending'])
    expect(containers[0]?.advice[0]).toMatch(/^It has been pulling for \d+ minutes/)
  })

  it('says what it may not see', async () => {
    const subject = { name: 'reader', namespace: 'default' }
    const { roleRef, subjects } = pullSecretRoleBinding({ subject })
    const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]
    server.current.put('roles', { metadata: { name: 'pullpass', namespace }, rules })
    server.current.put('rolebindings', { metadata: { name: 'reader', namespace }, roleRef, subjects })
    secret('auth')
    pod({ secrets: ['auth'], state: backOff(unauthorized) })
    const {
      unseen,
      pullSecrets,
      containers,
      serviceAccount: account,
    } = await diagnose(server.current.kubeConfig('system:serviceaccount:default:reader'))
    const who = 'system:serviceaccount:default:reader may not'
    expect([...unseen].sort()).toEqual([
      `${who} get secrets "auth" in namespace "connectors".`,
      `${who} get serviceaccounts "default" in namespace "connectors".`,
      `${who} list events in namespace "connectors".`,
    ])
    expect(pullSecrets).toEqual([{ name: 'auth', state: 'unseen', keys: [], findings: [] }])
    expect(account).toEqual({ name: 'default' })
    expect(containers[0]?.failure?.code).toBe('ERR_UNAUTHORIZED')
  })

  it('fails when there is no such pod, or it may not be read', async () => {
    await expect(diagnose()).rejects.toMatchObject({ code: 'ERR_KUBERNETES_NOT_FOUND' })
    const nobody = server.current.kubeConfig('system:serviceaccount:default:nobody')
    await expect(diagnose(nobody)).rejects.toMatchObject({ code: 'ERR_KUBERNETES_FORBIDDEN' })
    await expect(diagnosePod(nobody, { namespace } as never)).rejects.toThrow(TypeError)
  })

  it('is printed for a person', async () => {
    secret('auth')
    pod({ secrets: ['auth', 'nosuch'], state: backOff(unauthorized) })
    const text = formatPodDiagnosis(await diagnose())
    expect(text).toContain('pod connectors/p\n')
    expect(text).toContain(`container connector: ${image}: failing`)
    expect(text).toContain('kubelet tries auth, registry.example.com, user myuser')
    expect(text).toContain('pull secret nosuch: missing')
    expect(text).not.toContain(PASSWORD)
  })
})

interface Recorded {
  readonly runtime: string
  readonly scenario: string
  readonly image: string
  readonly waiting: readonly Waiting[] | null
  readonly events: readonly Event[] | null
}

const file = join(import.meta.dirname, '../../vectors/pull-failures.json')
const recorded = (JSON.parse(readFileSync(file, 'utf8')) as Recorded[]).filter(({ runtime }) =>
  runtime.startsWith('kubelet'),
)
/** Pulled in the end, or never begun; or nothing says yet that it will not be. */
const harmless = [...['success-', 'not-a-pull-failure'], ...['timeout-at-manifest', 'token-service-timeout']]

describe('diagnosePod on what a real kubelet left', () => {
  it('tells pods that cannot pull from those that can', async () => {
    expect(recorded.length).toBeGreaterThan(100)
    const wrong: string[] = []
    for (const { scenario, image: of, waiting, events } of recorded) {
      const last = waiting?.at(-1)
      // The API server refused this pod.
      if (last === undefined) continue
      for (const each of server.current.store.list(EVENTS, namespace)) server.current.store.remove(EVENTS, each)
      pod({ image: of, state: { state: last.running ? { running: {} } : { waiting: last } }, events: events ?? [] })
      const { failing } = await diagnose()
      const isHarmless = last.running === true || harmless.some((each) => scenario.startsWith(each))
      const isAboutPresence = scenario.includes('present') || scenario === 'secret-does-not-exist'
      const wasThere = isAboutPresence && events?.some(({ reason }) => reason === 'Pulled') === true
      if (failing === (isHarmless || wasThere)) wrong.push(`${scenario} ${JSON.stringify(last)}`)
    }
    expect(wrong).toEqual([])
  })
})

const EVENTS = { plural: 'events', kind: 'Event', group: '', namespaced: true }
