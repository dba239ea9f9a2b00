import type { KubeObject } from './objects.js'
import { fieldAt } from './store.js'

/** Whether an object is what `labelSelector` and `fieldSelector` ask for. */
export function selects(query: URLSearchParams): (object: KubeObject) => boolean {
  const labels = terms(query.get('labelSelector'))
  const fields = terms(query.get('fieldSelector'))
  return (object) => {
    const own = object.metadata.labels ?? {}
    return (
      labels.every((term) => term.holds(own[term.key])) && fields.every((term) => term.holds(fieldAt(object, term.key)))
    )
  }
}

interface Term {
  readonly key: string
  readonly holds: (value: unknown) => boolean
}

function terms(selector: string | null): Term[] {
  return (selector ?? '').split(',').filter(Boolean).map(term)
}

function term(text: string): Term {
  const [, key = '', operator, value] = /^([^!=]+?)(!=|==|=)(.*)$/.exec(text) ?? []
  if (operator === '!=') return { key, holds: (found) => found !== value }
  if (operator !== undefined) return { key, holds: (found) => (found ?? '') === value }
  if (text.startsWith('!')) return { key: text.slice(1), holds: (found) => found === undefined }
  return { key: text, holds: (found) => found !== undefined }
}
