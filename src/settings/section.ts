import * as z from 'zod'
import { PullpassError } from '../errors.js'
import { kindOf } from '../kind-of.js'
import type { FromEnvironment } from './environment.js'
import { unknownKey } from './misspelt.js'
import { quote } from './quote.js'

/** Fields whose value never appears in a message. */
const secretFields = new Set(['password'])

/** One section of the operator's configuration, as read. */
export interface Section<T> {
  readonly value: T
  /** Whether the operator wrote anything into it. */
  readonly present: boolean
  /** A sentence for each key that the section does not know. */
  readonly warnings: readonly string[]
}

/**
 * Reads the section at `path` of `config`, lays the environment over it, and validates it.
 *
 * @throws {PullpassError} `ERR_SETTINGS`, naming every key that is wrong, what was found and what is expected.
 */
export function readSection<S extends z.ZodObject>(
  schema: S,
  config: unknown,
  path: string,
  fromEnvironment: (key: string) => FromEnvironment | undefined,
): Section<z.output<S>> {
  const written = sectionAt(config, path, Object.keys(schema.shape)[0] ?? '')
  const input: Record<string, unknown> = {}
  const variables = new Map<string, string>()
  for (const key of Object.keys(schema.shape)) {
    const override = fromEnvironment(`${path}.${key}`)
    if (override !== undefined) variables.set(key, override.variable)
    const value = override?.value ?? written[key]
    // `key:` with nothing behind it is null in YAML: not set.
    if (value !== null && value !== undefined) input[key] = value
  }
  const result = schema.safeParse(input)
  if (!result.success) throw settingsError(result.error.issues, input, path, variables)
  return { value: result.data, present: Object.keys(input).length > 0, warnings: unknownKeys(schema, written, path) }
}

function sectionAt(config: unknown, path: string, example: string): Record<string, unknown> {
  let value = config
  const walked: string[] = []
  for (const key of ['', ...path.split('.')]) {
    if (key !== '') {
      value = (value as Record<string, unknown>)[key]
      walked.push(key)
    }
    if (value === undefined || value === null) return {}
    if (typeof value !== 'object' || Array.isArray(value)) {
      const where = walked.join('.') || 'the configuration'
      throw new PullpassError('ERR_SETTINGS', `${where}: found ${kindOf(value)}, expected an object`, {
        hint: `Write keys below it, each indented on a line of its own, such as ${path}.${example}.`,
      })
    }
  }
  return value as Record<string, unknown>
}

function settingsError(
  issues: readonly z.core.$ZodIssue[],
  input: Record<string, unknown>,
  path: string,
  variables: ReadonlyMap<string, string>,
): PullpassError {
  const sentences = issues.map((issue) => {
    const key = String(issue.path[0])
    const variable = variables.get(key)
    const where = `${path}.${key}${variable === undefined ? '' : ` (from ${variable})`}`
    if (issue.code === 'custom' && issue.params?.['complete'] === true) return `${where}: ${issue.message}`
    return `${where}: found ${describe(key, input[key])}, expected ${issue.message}`
  })
  const [hint = 'Correct the named key in the configuration, or the environment variable that overrides it.'] =
    issues.flatMap((issue) => (issue.code === 'custom' ? [issue.params?.['hint'] as string] : []))
  return new PullpassError('ERR_SETTINGS', sentences.join('\n'), { hint })
}

function unknownKeys(schema: z.ZodObject, written: Record<string, unknown>, path: string): string[] {
  const known = Object.keys(schema.shape)
  return Object.keys(written)
    .filter((key) => !known.includes(key))
    .map((key) => unknownKey(path, key, known))
}

function describe(key: string, value: unknown): string {
  if (value === '') return 'an empty string'
  if (secretFields.has(key)) return kindOf(value)
  if (typeof value === 'string') return quote(value)
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : kindOf(value)
}
