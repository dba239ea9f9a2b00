import type { ServerResponse } from 'node:http'
import type { KubeObject, Resource } from './objects.js'
import { selects } from './selectors.js'
import { gone } from './status.js'
import type { Change, Store } from './store.js'

/** Streams the changes that `query` asks for until the client leaves, the time is up, or the server goes. */
export function watch(
  store: Store,
  resource: Resource,
  namespace: string | undefined,
  query: URLSearchParams,
  out: ServerResponse,
): void {
  out.writeHead(200, { 'content-type': 'application/json' })
  out.flushHeaders()
  const send = (type: string, object: object): void => void out.write(`${JSON.stringify({ type, object })}\n`)
  const asked = Number(query.get('resourceVersion') ?? 0)
  if (asked < store.oldest) {
    send('ERROR', gone(`too old resource version: ${asked} (${store.oldest})`).body)
    return void out.end()
  }
  const chosen = selects(query)
  const inside = (object: KubeObject): boolean => namespace === undefined || object.metadata.namespace === namespace
  const stop = store.follow(resource, asked, (change) => {
    if (!inside(change.object)) return
    const type = seen(change, chosen)
    if (type !== undefined) send(type, change.object)
  })
  const seconds = Number(query.get('timeoutSeconds') ?? 1800)
  const timer = setTimeout(() => {
    if (query.get('allowWatchBookmarks') === 'true') {
      const metadata = { resourceVersion: String(store.revision), creationTimestamp: null }
      send('BOOKMARK', { kind: resource.kind, apiVersion: 'v1', metadata })
    }
    out.end()
  }, seconds * 1000)
  out.on('close', () => {
    clearTimeout(timer)
    stop()
  })
}

/** What a change is to a watch with a selector: an object that begins to match is new, one that ceases is gone. */
function seen({ type, object, before }: Change, chosen: (object: KubeObject) => boolean): Change['type'] | undefined {
  const was = before !== undefined && chosen(before)
  if (type === 'DELETED') return was ? 'DELETED' : undefined
  const is = chosen(object)
  if (is) return was ? 'MODIFIED' : 'ADDED'
  return was ? 'DELETED' : undefined
}
