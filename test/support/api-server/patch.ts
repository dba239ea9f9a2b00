import { isMap, same } from './objects.js'
import { badRequest, unprocessablePatch } from './status.js'

/** What a patch makes of an object, and what the server warns of. */
export interface Patched {
  readonly object: unknown
  readonly warnings: readonly string[]
}

/** RFC 7386. Lists are replaced. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch
  const result: Record<string, unknown> = isMap(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, key)
    else result[key] = mergePatch(result[key], value)
  }
  return result
}

/**
 * A strategic merge patch as the kinds here have it: none of their lists has a merge key (a pod's `imagePullSecrets`
 * does, a service account's does not), so lists are replaced, and a directive in an element is an unknown field.
 */
export function strategicMergePatch(target: unknown, patch: unknown): Patched {
  const warnings: string[] = []
  return { object: withoutDirectives(mergePatch(target, patch), '', warnings), warnings }
}

function withoutDirectives(value: unknown, path: string, warnings: string[]): unknown {
  if (Array.isArray(value)) return value.map((each, index) => withoutDirectives(each, `${path}[${index}]`, warnings))
  if (!isMap(value)) return value
  const result: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) {
    const at = path === '' ? key : `${path}.${key}`
    if (key === '$patch') warnings.push(`unknown field "${at}"`)
    else result[key] = withoutDirectives(inner, at, warnings)
  }
  return result
}

interface Operation {
  readonly op: string
  readonly path: string
  readonly value?: unknown
}

/** RFC 6902: add, remove, replace and test. */
export function jsonPatch(target: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) {
    throw badRequest('json: cannot unmarshal object into Go value of type jsonpatch.Patch')
  }
  let document = structuredClone(target)
  for (const operation of operations as Operation[]) document = operate(document, operation)
  return document
}

function operate(document: unknown, { op, path, value }: Operation): unknown {
  const parts = path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = parts.pop()
  if (last === undefined) throw unprocessablePatch()
  let holder: unknown = document
  for (const part of parts) holder = (holder as Record<string, unknown> | undefined)?.[part]
  if (typeof holder !== 'object' || holder === null) throw unprocessablePatch()
  const fields = holder as Record<string, unknown>
  const list = Array.isArray(holder) ? (holder as unknown[]) : undefined
  switch (op) {
    case 'test':
      if (!same(fields[last], value)) throw unprocessablePatch()
      break
    case 'add':
      if (list) list.splice(last === '-' ? list.length : Number(last), 0, value)
      else fields[last] = value
      break
    case 'replace':
    case 'remove':
      if (!(last in holder)) throw unprocessablePatch()
      if (op === 'replace') fields[last] = value
      else if (list) list.splice(Number(last), 1)
      else Reflect.deleteProperty(fields, last)
      break
    default:
      throw unprocessablePatch()
  }
  return document
}
