import { PullpassError } from '../errors.js'

const MAX_DEPTH = 64

/**
 * `JSON.parse` for text that holds secrets and may be hostile: its errors have the line and the column and nothing of
 * the text, and it refuses nesting deeper than 64. Reads each character once before `JSON.parse` does.
 *
 * @param what Names the text in errors.
 * @throws {PullpassError} `ERR_CREDENTIALS`.
 */
export function parseJson(text: string, what: string): unknown {
  const fault = findFault(text)
  if (fault === undefined) return JSON.parse(text)
  const before = text.slice(0, fault.position)
  const line = before.split('\n').length
  const column = fault.position - before.lastIndexOf('\n')
  throw new PullpassError('ERR_CREDENTIALS', `${what}: line ${line}, column ${column}: ${fault.problem}`)
}

interface Fault {
  readonly position: number
  readonly problem: string
}

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'separator'

/** Walks through the text, keeping the brackets that are open. */
function findFault(text: string): Fault | undefined {
  const open: string[] = []
  let expected: Expected = 'value'
  let position = 0
  for (;;) {
    position = skipSpace(text, position)
    const char = text.charAt(position)
    const bracket = open.at(-1)
    const closing = bracket === '{' ? '}' : ']'
    if (bracket !== undefined && char === closing && expected !== 'value' && expected !== 'key') {
      open.pop()
      position++
      expected = 'separator'
    } else if (expected === 'separator') {
      if (bracket === undefined) return position === text.length ? undefined : fault(text, position, 'its end')
      if (char !== ',') return fault(text, position, `',' or '${closing}'`)
      position++
      expected = bracket === '{' ? 'key' : 'value'
    } else if (expected === 'key' || expected === 'key or }') {
      if (char !== '"') return fault(text, position, expected === 'key' ? 'a key in double quotes' : `a key or '}'`)
      position = endOfString(text, position)
      if (position < 0) return fault(text, ~position, 'the rest of a string')
      position = skipSpace(text, position)
      if (text.charAt(position) !== ':') return fault(text, position, "':'")
      position++
      expected = 'value'
    } else if (char === '{' || char === '[') {
      if (open.length === MAX_DEPTH) return { position, problem: `nested deeper than ${MAX_DEPTH} levels` }
      open.push(char)
      position++
      expected = char === '{' ? 'key or }' : 'value or ]'
    } else {
      position = char === '"' ? endOfString(text, position) : endOfWord(text, position)
      if (position < 0) return fault(text, ~position, char === '"' ? 'the rest of a string' : 'a value')
      expected = 'separator'
    }
  }
}

function fault(text: string, position: number, expected: string): Fault {
  const found = position >= text.length ? 'the text ends' : 'found something else'
  return { position, problem: `expected ${expected}, ${found}` }
}

function skipSpace(text: string, start: number): number {
  let index = start
  while (isSpace(text.charCodeAt(index))) index++
  return index
}

function isSpace(char: number): boolean {
  return char === 32 || char === 10 || char === 13 || char === 9
}

/** From the opening quote: the index behind the closing one, or the complement (`~`) of where something is wrong. */
function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    const char = text.charCodeAt(index)
    if (char === 34 /* " */) return index + 1
    if (char < 32) return ~index
    if (char !== 92 /* \ */) continue
    if ('"\\/bfnrt'.includes(text.charAt(index + 1))) index += 1
    else if (/^u[0-9a-fA-F]{4}$/.test(text.slice(index + 1, index + 6))) index += 5
    else return ~index
  }
  return ~text.length
}

/** A number, `true`, `false` or `null`: the index behind it, or the complement (`~`) of where it starts. */
function endOfWord(text: string, start: number): number {
  const word = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y
  word.lastIndex = start
  return word.test(text) ? word.lastIndex : ~start
}
