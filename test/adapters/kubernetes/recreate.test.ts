import { describe, expect, it } from 'vitest'
import { ensureImagePullSecret, imagePullSecret } from '../../../src/adapters/kubernetes/index.js'
import type { Fault, Seen } from '../../support/api-server/index.js'
import { Failure } from '../../support/api-server/status.js'
import { passwordsIn, registry, retry, useApiServer } from './support.js'

const server = useApiServer()
const namespace = 'connectors'
const name = 'opencti-registry-auth'

function secretWith(password: string, more: object = {}): Parameters<typeof server.current.put>[1] {
  const made = imagePullSecret({ registry: { ...registry, password }, namespace })
  return { ...(JSON.parse(JSON.stringify(made)) as Parameters<typeof server.current.put>[1]), ...more }
}

/** Somebody else deletes the secret and makes another. */
function replace(password: string): void {
  server.current.remove('secrets', namespace, name)
  server.current.put('secrets', secretWith(password))
}

function password(): string | undefined {
  const secret = server.current.read('secrets', namespace, name)
  return secret && passwordsIn(secret)['registry.example.com']
}

const isDelete = ({ method }: Seen): boolean => method === 'DELETE'
const isDryRun = ({ path }: Seen): boolean => path.includes('dryRun')
const isCreate = (seen: Seen): boolean => seen.method === 'POST' && !isDryRun(seen)

/** The first request of a kind meets the fault. */
function once(isMeant: (seen: Seen) => boolean, fault: Fault): void {
  let isDone = false
  server.current.fault = (seen) => {
    if (isDone || !isMeant(seen)) return undefined
    isDone = true
    return fault
  }
}

const first = (happens: () => void): Fault => ({ kind: 'first', happens })
const ensure = (): Promise<unknown> =>
  ensureImagePullSecret(server.current.kubeConfig(), { namespace, registry, retry: { ...retry, attempts: 2 } })

describe("another writer, while 'recreate' is at work,", () => {
  it.each([
    ['changes the secret before it is deleted', isDelete, () => server.current.put('secrets', secretWith('theirs'))],
    ['replaces it before it is deleted', isDelete, () => replace('theirs')],
    ['deletes it before it is deleted', isDelete, () => server.current.remove('secrets', namespace, name)],
    ['creates another one before it is created', isCreate, () => replace('theirs')],
  ])('%s: it is done again', async (_, isMeant, happens) => {
    server.current.put('secrets', secretWith('old'))
    once(isMeant, first(happens))
    expect(await ensure()).toMatchObject({ action: 'replaced' })
    expect(password()).toBe(registry.password)
  })

  it('creates one where there was none: that one is replaced', async () => {
    once(
      isCreate,
      first(() => replace('theirs')),
    )
    expect(await ensure()).toMatchObject({ action: 'created' })
    expect(password()).toBe(registry.password)
  })

  it('creates the very same one: it is left', async () => {
    server.current.put('secrets', secretWith('old'))
    once(
      isCreate,
      first(() => replace(registry.password)),
    )
    expect(await ensure()).toMatchObject({ action: 'replaced' })
    expect(server.current.calls().filter((call) => call.startsWith('DELETE'))).toHaveLength(1)
  })

  it('is another one of this: all of them succeed', async () => {
    server.current.put('secrets', secretWith('old'))
    await Promise.all([ensure(), ensure(), ensure(), ensure()])
    expect(password()).toBe(registry.password)
  })

  it('never stops: that is an error, and there is a secret', async () => {
    server.current.put('secrets', secretWith('old'))
    server.current.fault = (seen) => (isCreate(seen) ? first(() => replace('theirs')) : undefined)
    await expect(ensure()).rejects.toMatchObject({ code: 'ERR_KUBERNETES_CONFLICT' })
    expect(password()).toBe('theirs')
  }, 60_000)
})

describe("a secret that is refused, with 'recreate',", () => {
  const refusal = new Failure(403, 'Forbidden', 'admission webhook "policy" denied the request: no', {})

  it('is not what the old one is deleted for', async () => {
    server.current.put('secrets', secretWith('old'))
    once(isDryRun, { kind: 'answer', failure: refusal })
    await expect(ensure()).rejects.toMatchObject({ code: 'ERR_KUBERNETES_FORBIDDEN' })
    expect(server.current.calls().some((call) => call.startsWith('DELETE'))).toBe(false)
    expect(password()).toBe('old')
  })

  it('after all: the old one comes back as it was', async () => {
    const [labels, ownerReferences] = [{ team: 'blue' }, [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }]]
    const annotations = { note: 'kept' }
    const metadata = { name, namespace, labels, annotations, ownerReferences }
    const before = server.current.put('secrets', secretWith('old', { metadata, immutable: true }))
    once(isCreate, { kind: 'answer', failure: refusal })
    const message = expect.stringContaining('the old secret was put back') as string
    await expect(ensure()).rejects.toMatchObject({ code: 'ERR_KUBERNETES_FORBIDDEN', message })
    const after = server.current.read('secrets', namespace, name)
    expect(after).toMatchObject({ data: before['data'], type: before['type'], immutable: true, metadata })
  })

  it('when the namespace goes away as well: the error says that there is none', async () => {
    server.current.put('secrets', secretWith('old'))
    once(
      isCreate,
      first(() => server.current.terminate(namespace)),
    )
    const message = expect.stringContaining('could not be put back') as string
    await expect(ensure()).rejects.toMatchObject({ code: 'ERR_KUBERNETES_NAMESPACE_TERMINATING', message })
  })

  it('and a successor of another writer: that one stays', async () => {
    server.current.put('secrets', secretWith('old'))
    let creations = 0
    server.current.fault = (seen) => {
      if (!isCreate(seen)) return undefined
      return ++creations === 1 ? { kind: 'answer', failure: refusal } : first(() => replace('theirs'))
    }
    await expect(ensure()).rejects.toMatchObject({ code: 'ERR_KUBERNETES_FORBIDDEN' })
    expect(password()).toBe('theirs')
  })
})

describe("'recreate' when the dry run says nothing", () => {
  const quota = 'exceeded quota: secrets, requested: secrets=1, used: secrets=5, limited: secrets=5'

  it('goes on over a full quota, which counts the old one for a moment', async () => {
    server.current.put('secrets', secretWith('old'))
    const failure = new Failure(403, 'Forbidden', `secrets "${name}" is forbidden: ${quota}`, {})
    let refusals = 0
    server.current.fault = ({ method }) =>
      method === 'POST' && ++refusals <= 4 ? { kind: 'answer', failure } : undefined
    await ensure()
    expect(refusals).toBe(5)
    expect(password()).toBe(registry.password)
  })

  it('goes on when a quota is counted twice at once, or a token is about to be renewed', async () => {
    server.current.put('secrets', secretWith('old'))
    const counted = 'Operation cannot be fulfilled on resourcequotas "q": the object has been modified'
    const failures = [new Failure(409, 'Conflict', counted), new Failure(401, 'Unauthorized', 'Unauthorized')]
    server.current.fault = (seen) => {
      const failure = isCreate(seen) ? failures.shift() : undefined
      return failure && { kind: 'answer', failure }
    }
    await ensure()
    expect(failures).toEqual([])
    expect(password()).toBe(registry.password)
  })

  it('goes on when a webhook knows no dry runs', async () => {
    server.current.put('secrets', secretWith('old'))
    const failure = new Failure(400, 'BadRequest', 'admission webhook "policy" does not support dry run')
    once(isDryRun, { kind: 'answer', failure })
    await ensure()
    expect(password()).toBe(registry.password)
  })
})

it("'recreate' says why a secret cannot go: a finalizer", async () => {
  const metadata = { name, namespace, finalizers: ['example.com/keep'] }
  server.current.put('secrets', secretWith('old', { metadata }))
  await expect(ensure()).rejects.toMatchObject({
    code: 'ERR_KUBERNETES_CONFLICT',
    hint: expect.stringContaining('finalizer') as string,
  })
  expect(password()).toBe('old')
}, 60_000)
