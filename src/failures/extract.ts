import { errorStatement, parsed } from './error-statement.js'
import { kubernetesStatement } from './kubelet.js'
import { isObject, read, readString } from './read.js'
import type { Statement } from './statement.js'
import { cut, LONGEST_TEXT } from './text.js'

/** How many entries of a list are looked at, from its end: what failed is there. */
const LONGEST_LIST = 1000
const DEEPEST = 8
/** How much text is looked at in all, in UTF-16 units. */
const MOST_TEXT = 4 * LONGEST_TEXT

interface Visit {
  readonly depth: number
  readonly budget: { text: number; values: number }
}

/** Everything that `input` says, in the order in which it was said. Never throws. */
export function statementsIn(input: unknown): Statement[] {
  return statements(input, { depth: 0, budget: { text: MOST_TEXT, values: 10 * LONGEST_LIST } })
}

function statements(value: unknown, visit: Visit): Statement[] {
  const { depth, budget } = visit
  if (depth > DEEPEST || budget.text <= 0 || budget.values-- <= 0) return []
  const deeper = { depth: depth + 1, budget }
  try {
    if (typeof value === 'string') return ofText(value, deeper)
    if (value instanceof Uint8Array) return ofText(new TextDecoder().decode(value.subarray(0, MOST_TEXT)), deeper)
    if (Array.isArray(value)) return ofList(value, deeper)
    return isObject(value) ? ofObject(value, deeper) : []
  } catch {
    // A revoked proxy throws at whatever is done with it.
    return []
  }
}

/** Plain words, JSON, or the lines of a stream. */
function ofText(text: string, visit: Visit): Statement[] {
  const whole = text.length <= MOST_TEXT ? parsed(text) : undefined
  if (typeof whole === 'object') return statements(whole, visit)
  if (text.trimStart().startsWith('{')) {
    const lines = text.slice(-MOST_TEXT).split('\n').slice(-LONGEST_LIST).map(parsed).filter(isObject)
    if (lines.length > 0) return statements(lines, visit)
  }
  const words = text.startsWith('Error: ') ? text.slice('Error: '.length) : text
  return [spend(errorStatement({ message: words }), visit)]
}

function ofList(list: readonly unknown[], visit: Visit): Statement[] {
  const said = fromTheEnd(list, visit)
  // The API server gives events in no order.
  if (!said.every(({ time }) => time !== undefined)) return said
  return said.sort((one, other) => (one.time ?? 0) - (other.time ?? 0))
}

/** The last is looked at first: where the budget ends, it is the oldest that is left out. */
function fromTheEnd(list: readonly unknown[], visit: Visit): Statement[] {
  const groups: Statement[][] = []
  for (let i = list.length - 1; i >= Math.max(0, list.length - LONGEST_LIST); i--) {
    groups.push(statements(read(list, i), visit))
  }
  return groups.reverse().flat()
}

function ofObject(value: object, visit: Visit): Statement[] {
  const parts = partsOf(value)
  if (parts) return fromTheEnd(parts, visit)
  if (isKubernetes(value)) return [spend(kubernetesStatement(value), visit)]
  const body = bodyOf(value)
  if (body !== undefined) return statements(body, visit)
  const statement = errorStatement(value)
  return statement.words === '' && statement.codes.length === 0 ? [] : [spend(statement, visit)]
}

/** What a pod, a container's status, a list of the API server or a record holds; what is true now comes last. */
function partsOf(value: object): readonly unknown[] | undefined {
  const status = read(value, 'status')
  if (isObject(status)) return partsOf(status)
  const containers = ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses']
  const statuses = containers.map((field) => read(value, field)).filter((list) => Array.isArray(list))
  if (statuses.length > 0) return statuses
  const state = read(value, 'state')
  if (isObject(state)) return [read(state, 'waiting')]
  const items = read(value, 'items')
  if (Array.isArray(items)) return [items]
  const waiting = read(value, 'waiting')
  const events = read(value, 'events')
  if (isList(waiting) || isList(events)) return [read(value, 'body'), events, waiting]
  return undefined
}

function isList(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

/** It has a reason, and is neither an error nor an answer of docker-modem's. */
function isKubernetes(value: object): boolean {
  return readString(value, 'reason') !== undefined && !isError(value) && typeof read(value, 'statusCode') !== 'number'
}

/** What an engine answered, whole: `{ httpStatus, body }`; or client-node's error around a Status. */
function bodyOf(value: object): unknown {
  const body = read(value, 'body')
  if (!isError(value)) return isList(body) || typeof body === 'string' ? body : undefined
  if (typeof body !== 'string') return undefined
  const status = parsed(body)
  return isObject(status) && readString(status, 'kind') === 'Status' ? status : undefined
}

function isError(value: object): boolean {
  return value instanceof Error || readString(value, 'stack') !== undefined
}

function spend(statement: Statement, { budget }: Visit): Statement {
  const words = cut(statement.words, Math.min(LONGEST_TEXT, budget.text))
  budget.text -= words.length
  return { ...statement, words }
}
