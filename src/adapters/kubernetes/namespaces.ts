import type { CoreV1Api, V1Namespace } from '@kubernetes/client-node'
import { PullpassError } from '../../errors.js'
import { isStatus } from './secret-requests.js'
import type { Session } from './session.js'

/** A namespace that is there, and not on its way out. */
export interface LivingNamespace {
  readonly name: string
  /** Another namespace of the same name has another one. */
  readonly uid: string
}

/** All of them, and from when on changes are to be watched. */
export interface NamespaceList {
  readonly namespaces: readonly LivingNamespace[]
  readonly resourceVersion: string
}

/** What a watch told of one. */
export type NamespaceChange =
  { readonly type: 'present'; readonly namespace: LivingNamespace } | { readonly type: 'gone'; readonly name: string }

const PAGE = 500
/** The API server ends a watch after this many seconds; undici would after five silent minutes. */
const WATCH_SECONDS = 240
const LONGEST_LINE = 4 << 20

/** The namespaces with these labels. Needs the verb list on namespaces. */
export async function listNamespaces(session: Session, labelSelector: string): Promise<NamespaceList> {
  const found: LivingNamespace[] = []
  let next: string | undefined
  for (;;) {
    const request = { limit: PAGE, ...(labelSelector !== '' && { labelSelector }), ...(next && { _continue: next }) }
    try {
      const page = await session.send(target('list'), (core: CoreV1Api, how) => core.listNamespace(request, how))
      found.push(...page.items.flatMap(living))
      next = page.metadata?._continue
      if (!next) return { namespaces: found, resourceVersion: page.metadata?.resourceVersion ?? '' }
    } catch (error) {
      // It took so long to come to the next page that the first ones are history.
      if (next === undefined || !isStatus(error, 410)) throw error
      next = undefined
      found.length = 0
    }
  }
}

/**
 * Reports every change after `from`, until the server ends the watch. Needs the verb watch on namespaces.
 *
 * @returns From when on to go on watching; `undefined` when that is no longer to be had, and all must be listed anew.
 */
export async function watchNamespaces(
  session: Session,
  labelSelector: string,
  from: string,
  onChange: (change: NamespaceChange) => void,
): Promise<string | undefined> {
  let last: string | undefined = from
  const watching = { watch: true, resourceVersion: from, allowWatchBookmarks: true, timeoutSeconds: WATCH_SECONDS }
  const request = { ...watching, ...(labelSelector !== '' && { labelSelector }) }
  const onStream = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    for await (const line of linesOf(stream)) {
      const { type, object } = JSON.parse(line) as {
        type: string
        object: V1Namespace & { code?: number; message?: string }
      }
      if (type === 'ERROR') {
        last = undefined
        if (object.code === 410) return
        throw new PullpassError(
          'ERR_KUBERNETES_UNAVAILABLE',
          `the watch of namespaces ended: HTTP ${object.code ?? '?'}`,
        )
      }
      last = object.metadata?.resourceVersion ?? last
      if (type !== 'BOOKMARK') onChange(changeOf(type, object))
    }
  }
  try {
    await session.send(target('watch'), (core: CoreV1Api, how) => core.listNamespace(request, how), { onStream })
  } catch (error) {
    if (isStatus(error, 410)) return undefined
    throw error
  }
  return last
}

function changeOf(type: string, namespace: V1Namespace): NamespaceChange {
  const [alive] = type === 'DELETED' ? [] : living(namespace)
  return alive ? { type: 'present', namespace: alive } : { type: 'gone', name: namespace.metadata?.name ?? '' }
}

function living({ metadata: { name = '', uid = '', deletionTimestamp } = {} }: V1Namespace): LivingNamespace[] {
  return deletionTimestamp === undefined ? [{ name, uid }] : []
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LONGEST_LINE) throw new PullpassError('ERR_KUBERNETES_INVALID', 'an event of a watch is too long')
    yield* lines.filter((line) => line !== '')
  }
}

function target(verb: string): { verb: string; resource: string } {
  return { verb, resource: 'namespaces' }
}
