import { describe, expect, it } from 'vitest'
import { syncImagePullSecrets, type SyncedNamespace } from '../../../src/adapters/kubernetes/index.js'
import { internal } from '../../support/api-server/status.js'
import { recordingLogger } from '../../support/recording-logger.js'
import { passwordsIn, PASSWORD, registry, retry, useApiServer } from './support.js'

const server = useApiServer()
const name = 'opencti-registry-auth'

function namespaces(count: number, labels: Record<string, string> = {}): string[] {
  const names = Array.from({ length: count }, (_, index) => `n${index}`)
  names.forEach((each) => server.current.namespace(each, labels))
  return names
}

function until(condition: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = Date.now() + 10_000
    const timer = setInterval(() => {
      if (!condition() && Date.now() < giveUp) return
      clearInterval(timer)
      if (condition()) resolve()
      else reject(new Error('it did not happen in 10 seconds'))
    }, 10)
  })
}

const password = (namespace: string): string | undefined => {
  const secret = server.current.read('secrets', namespace, name)
  return secret && passwordsIn(secret)['registry.example.com']
}

describe('syncImagePullSecrets', () => {
  it('does many namespaces over few connections', async () => {
    const names = namespaces(60)
    const seen: string[] = []
    const { results } = await syncImagePullSecrets(server.current.kubeConfig(), {
      ...{ namespaces: names, registry, retry, concurrency: 5 },
      onResult: ({ namespace }) => seen.push(namespace),
    })
    expect(results.every(({ action }) => action === 'created')).toBe(true)
    expect(seen.sort()).toEqual([...names].sort())
    expect(names.map(password)).toEqual(names.map(() => PASSWORD))
    expect(server.current.requests.length).toBe(120)
    expect(server.current.connections).toBeLessThanOrEqual(15)

    const again = await syncImagePullSecrets(server.current.kubeConfig(), {
      ...{ namespaces: names, registry, retry, concurrency: 5 },
    })
    expect(again.results.every(({ action }) => action === 'replaced')).toBe(true)
    expect(server.current.requests.length).toBe(360)
    expect(server.current.connections).toBeLessThanOrEqual(30)
  })

  it('goes on when one namespace fails', async () => {
    namespaces(2)
    const { results } = await syncImagePullSecrets(server.current.kubeConfig(), {
      ...{ namespaces: ['n0', 'nowhere', 'n1'], registry, retry },
    })
    expect(results.map(({ namespace, action }) => [namespace, action])).toEqual(
      expect.arrayContaining([
        ['n0', 'created'],
        ['n1', 'created'],
        ['nowhere', 'failed'],
      ]),
    )
    const failed = results.find(({ action }) => action === 'failed')
    expect(failed?.error).toMatchObject({ code: 'ERR_KUBERNETES_NOT_FOUND' })
  })

  it('picks namespaces by label, all pages of them, and not those that are going', async () => {
    namespaces(3, { team: 'blue' })
    server.current.terminate('n1')
    const { results } = await syncImagePullSecrets(server.current.kubeConfig(), {
      ...{ labelSelector: 'team=blue', registry, retry },
    })
    expect(results.map(({ namespace }) => namespace).sort()).toEqual(['n0', 'n2'])
  })

  it('takes in namespaces that come later, through restarts and lost history, until it is stopped', async () => {
    namespaces(2, { team: 'blue' })
    const stop = new AbortController()
    const done: string[] = []
    const running = syncImagePullSecrets(server.current.kubeConfig(), {
      ...{ labelSelector: 'team=blue', registry, retry, signal: stop.signal },
      onResult: ({ namespace }) => done.push(namespace),
    })
    await until(() => done.length === 2)
    server.current.namespace('later', { team: 'blue' })
    server.current.namespace('other', { team: 'red' })
    await until(() => done.includes('later'))

    server.current.die(100)
    server.current.namespace('meanwhile', { team: 'blue' })
    server.current.store.compact()
    await until(() => done.includes('meanwhile'))

    server.current.remove('namespaces', undefined, 'n0')
    server.current.remove('secrets', 'n0', name)
    server.current.namespace('n0', { team: 'blue' })
    await until(() => done.filter((each) => each === 'n0').length === 2)

    stop.abort()
    const { results } = await running
    expect(results.map(({ namespace }) => namespace).sort()).toEqual(['later', 'meanwhile', 'n0', 'n1'])
  })

  it('renews credentials before they expire', async () => {
    namespaces(2)
    const stop = new AbortController()
    let count = 0
    const running = syncImagePullSecrets(server.current.kubeConfig(), {
      ...{ namespaces: ['n0', 'n1'], retry, signal: stop.signal },
      credentials: {
        'registry.example.com': () => {
          count++
          return { username: 'AWS', password: `token-${count}`, expiresAt: new Date(Date.now() + 700) }
        },
      },
    })
    await until(() => password('n0') === 'token-3' && password('n1') === 'token-3')
    stop.abort()
    await running
  })

  it('takes a function that knows all registries, and survives its failures', async () => {
    namespaces(1)
    const stop = new AbortController()
    const logger = recordingLogger()
    let count = 0
    const running = syncImagePullSecrets(server.current.kubeConfig(), {
      ...{ namespaces: ['n0'], retry, signal: stop.signal, logger },
      credentials: () => {
        count++
        if (count === 2) throw new Error('the cloud is away')
        const credentials = { 'registry.example.com': { username: 'AWS', password: `token-${count}` } }
        return Promise.resolve({ credentials, expiresAt: new Date(Date.now() + 500) })
      },
    })
    await until(() => password('n0') === 'token-3')
    stop.abort()
    await running
    expect(logger.lines.filter(({ level }) => level === 'error')).toEqual([
      {
        level: 'error',
        fields: { orchestrator: 'kubernetes', error: 'the cloud is away' },
        message: 'The credentials could not be renewed',
      },
    ])
    expect(logger.lines.find(({ level }) => level === 'info')?.fields).toMatchObject({ namespace: 'n0' })
  })

  it('writes nothing when the new credentials are the old ones', async () => {
    const stop = new AbortController()
    let count = 0
    const provide = (): { username: string; password: string; expiresAt: Date } => {
      if (++count === 4) stop.abort()
      return { username: 'AWS', password: PASSWORD, expiresAt: new Date(Date.now() + 200) }
    }
    await syncImagePullSecrets(server.current.kubeConfig(), {
      ...{ namespaces: ['connectors'], retry, signal: stop.signal },
      credentials: { 'registry.example.com': provide },
    })
    expect(server.current.requests.length).toBe(2)
  })

  it('fails when even the first list cannot be had, and goes on when a later one cannot', async () => {
    const nobody = server.current.kubeConfig('system:serviceaccount:default:nobody')
    const options = { labelSelector: 'team', registry, retry, signal: new AbortController().signal }
    await expect(syncImagePullSecrets(nobody, options)).rejects.toMatchObject({ code: 'ERR_KUBERNETES_FORBIDDEN' })

    const stop = new AbortController()
    const logger = recordingLogger()
    const kubeConfig = server.current.kubeConfig()
    let lists = 0
    server.current.fault = ({ path }) => {
      if (path.includes('watch=true')) return { kind: 'answer', failure: internal('no watch') }
      if (path.includes('namespaces?') && ++lists === 3) stop.abort()
      return undefined
    }
    await syncImagePullSecrets(kubeConfig, { ...options, signal: stop.signal, logger })
    const fields = { orchestrator: 'kubernetes', error: expect.stringContaining('HTTP 500') as string }
    expect(logger.lines).toContainEqual({ level: 'warn', fields, message: 'The watch of namespaces broke off' })
  })

  it('comes back to namespaces that failed', async () => {
    const stop = new AbortController()
    const results: SyncedNamespace[] = []
    const running = syncImagePullSecrets(server.current.kubeConfig(), {
      ...{ namespaces: ['soon'], registry, retry, signal: stop.signal, watch: true },
      onResult: (result) => results.push(result),
    })
    await until(() => results.length > 1)
    server.current.namespace('soon')
    await until(() => results.at(-1)?.action === 'created')
    stop.abort()
    await running
  })

  it('comes back to many of them without a warning of Node', async () => {
    const warnings: Error[] = []
    const warn = (warning: Error): number => warnings.push(warning)
    process.on('warning', warn)
    const stop = new AbortController()
    const names = Array.from({ length: 40 }, (_, index) => `soon${index}`)
    let count = 0
    const running = syncImagePullSecrets(server.current.kubeConfig(), {
      ...{ namespaces: names, registry, retry, signal: stop.signal, watch: true, concurrency: 20 },
      onResult: () => count++,
    })
    await until(() => count > 100)
    stop.abort()
    await running
    process.off('warning', warn)
    expect(warnings).toEqual([])
  })

  it('stops in the middle of a single pass', async () => {
    const names = namespaces(20)
    const stop = new AbortController()
    const reason = new Error('enough')
    const running = syncImagePullSecrets(server.current.kubeConfig(), {
      ...{ namespaces: names, registry, retry, concurrency: 1, signal: stop.signal },
      onResult: () => stop.abort(reason),
    })
    await expect(running).rejects.toBe(reason)
    expect(server.current.requests.length).toBeLessThan(10)
  })

  it('fails at once, not a thousand times, for credentials that kubelet cannot use', async () => {
    const credentials = { 'registry.example.com': { identityToken: 'x' } }
    const running = syncImagePullSecrets(server.current.kubeConfig(), {
      namespaces: ['connectors'],
      credentials,
      retry,
    })
    await expect(running).rejects.toMatchObject({ code: 'ERR_PULL_SECRET_INVALID' })
    expect(server.current.requests).toEqual([])
  })

  it('passes on what onResult throws', async () => {
    const stop = new AbortController()
    const broken = new Error('no')
    const onResult = (): never => {
      throw broken
    }
    const options = { labelSelector: '', registry, retry, onResult }
    await expect(syncImagePullSecrets(server.current.kubeConfig(), options)).rejects.toBe(broken)
    const endless = syncImagePullSecrets(server.current.kubeConfig(), { ...options, signal: stop.signal })
    await expect(endless).rejects.toBe(broken)
  })

  it('attaches the secret where it is asked to', async () => {
    server.current.put('serviceaccounts', { metadata: { name: 'default', namespace: 'connectors' } })
    const { results } = await syncImagePullSecrets(server.current.kubeConfig(), {
      ...{ namespaces: ['connectors'], registry, retry, serviceAccount: 'default' },
    })
    expect(results).toMatchObject([{ serviceAccount: { action: 'attached', imagePullSecrets: [name] } }])
  })

  it.each([
    [{ registry }, 'namespaces or labelSelector'],
    [{ registry, namespaces: [], labelSelector: '' }, 'namespaces or labelSelector'],
    [{ namespaces: [] }, 'registry or credentials'],
    [{ registry, namespaces: [], concurrency: 0 }, 'concurrency'],
    [{ registry, namespaces: [], strategy: 'other' as 'apply' }, 'strategy'],
  ])('refuses options that make no sense: %o', async (options, message) => {
    const refusal = await syncImagePullSecrets(server.current.kubeConfig(), options).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(TypeError)
    expect((refusal as Error).message).toContain(message)
  })
})
