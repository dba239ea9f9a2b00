import { CoreV1Api } from '@kubernetes/client-node'
import { describe, expect, it } from 'vitest'
import { listNamespaces, type NamespaceChange, watchNamespaces } from '../../../src/adapters/kubernetes/namespaces.js'
import { type Session, sessionFor } from '../../../src/adapters/kubernetes/session.js'
import { gone } from '../../support/api-server/status.js'
import { retry, useApiServer } from './support.js'

const server = useApiServer()

function session(signal?: AbortSignal): Session {
  return sessionFor(server.current.kubeConfig().makeApiClient(CoreV1Api), { retry, signal })
}

const sorted = (names: string[]): string[] => names.sort()
const many = Array.from({ length: 1100 }, (_, index) => `many-${index}`)

describe('listNamespaces', () => {
  it('reads all pages', async () => {
    many.forEach((name) => server.current.namespace(name, { many: 'yes' }))
    const { namespaces, resourceVersion } = await listNamespaces(session(), 'many')
    expect(sorted(namespaces.map(({ name }) => name))).toEqual(sorted([...many]))
    expect(resourceVersion).toBe(String(server.current.store.revision))
    expect(server.current.requests.length).toBe(3)
  })

  it('begins again when a later page is history', async () => {
    many.forEach((name) => server.current.namespace(name))
    let isGone = false
    server.current.fault = ({ path }) => {
      if (isGone || !path.includes('continue=1000')) return undefined
      isGone = true
      return { kind: 'answer', failure: gone('The provided continue parameter is too old') }
    }
    const { namespaces } = await listNamespaces(session(), '')
    expect(namespaces.length).toBe(many.length + 1)
    expect(server.current.requests.length).toBe(6)
  })
})

describe('watchNamespaces', () => {
  /** All changes until there are `count`, and then it is stopped. */
  async function changes(count: number, from: string, happens: () => void): Promise<NamespaceChange[]> {
    const stop = new AbortController()
    const found: NamespaceChange[] = []
    const watching = watchNamespaces(session(stop.signal), 'team=blue', from, (change) => {
      if (found.push(change) === count) stop.abort()
    })
    setTimeout(happens, 20)
    await expect(watching).rejects.toThrow('aborted')
    return found
  }

  it('tells of what comes, and of what goes', async () => {
    const from = String(server.current.store.revision)
    const found = await changes(5, from, () => {
      const blue = { team: 'blue' }
      const made = server.current.namespace('a', blue)
      server.current.namespace('b', { team: 'red' })
      server.current.put('namespaces', { ...made, metadata: { ...made.metadata, labels: { team: 'red' } } })
      server.current.namespace('c', blue)
      server.current.terminate('c')
      server.current.remove('namespaces', undefined, 'c')
    })
    expect(found.map(({ type }) => type)).toEqual(['present', 'gone', 'present', 'gone', 'gone'])
    expect(found[0]).toMatchObject({ namespace: { name: 'a', uid: expect.any(String) as string } })
    expect(found[1]).toEqual({ type: 'gone', name: 'a' })
  })

  it('says that it cannot go on from a version that is history', async () => {
    server.current.namespace('a')
    server.current.store.compact()
    expect(await watchNamespaces(session(), '', '1', () => undefined)).toBeUndefined()
    server.current.fault = () => ({ kind: 'answer', failure: gone('too old') })
    expect(await watchNamespaces(session(), '', '1', () => undefined)).toBeUndefined()
  })
})
