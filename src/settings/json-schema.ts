import * as z from 'zod'
import { type ConfigurationSection, sections } from './sections.js'

/** A schema of JSON Schema, draft 7, as far as this file makes them. */
export interface JsonSchema {
  readonly $schema?: string
  readonly $ref?: string
  readonly title?: string
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly writeOnly?: boolean
  readonly type?: string | readonly string[]
  readonly pattern?: string
  readonly maxItems?: number
  readonly anyOf?: readonly JsonSchema[]
  properties?: Record<string, JsonSchema>
  patternProperties?: Record<string, JsonSchema>
  additionalProperties?: boolean
}

/**
 * The JSON Schema (draft 7, which every editor knows) of an operator's configuration file, as far as pullpass reads it.
 * Other keys pass, except in the two registry sections, where they are ignored with a warning.
 *
 * It accepts whatever `parseOpenCtiSettings` accepts. What takes more than a pattern to tell it leaves to that: the
 * grammar of a host, JSON in a text, a password without a user, who may be in an environment variable.
 */
export function configurationJsonSchema(): JsonSchema {
  const root: JsonSchema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Configuration of OpenCTI, as far as pullpass reads it',
    type: ['object', 'null'],
  }
  for (const section of sections) fill(placeOf(section, root), section)
  return root
}

/** The schema of one key: null is as good as absent. */
export function propertyOf({ schema, lenient }: ConfigurationSection, key: string): JsonSchema {
  const written = schema.shape[key] as z.ZodOptional<z.ZodType> | z.ZodDefault<z.ZodType>
  const { title, $schema: _, ...value } = z.toJSONSchema(written.unwrap(), { target: 'draft-07', io: 'input' })
  const byDefault = written.parse(undefined)
  return {
    ...(title !== undefined && { title }),
    ...(byDefault !== undefined && { default: byDefault }),
    ...(written.meta() as JsonSchema),
    anyOf: [...((value.anyOf ?? [value]) as JsonSchema[]), ...(lenient ? blank : []), { type: 'null' }],
  }
}

/** What counts as not set in a section that is read leniently. */
const blank: readonly JsonSchema[] = [
  { type: 'string', pattern: '^\\s*$' },
  { type: 'array', maxItems: 0 },
]

function placeOf({ path, lenient }: ConfigurationSection, root: JsonSchema): JsonSchema {
  let place = root
  for (const name of path.split('.').filter((part) => part !== '')) {
    place.properties ??= {}
    place = place.properties[name] ??= lenient ? {} : { type: ['object', 'null'] }
  }
  return place
}

function fill(place: JsonSchema, section: ConfigurationSection): void {
  const keys = Object.keys(section.schema.shape)
  const properties = Object.fromEntries(keys.map((key) => [key, propertyOf(section, key)]))
  place.properties = { ...place.properties, ...properties }
  if (section.closed) place.additionalProperties = false
  // The proxy's keys may be in capitals. As a pattern they are checked, and an editor does not offer them.
  if (section.path === '') {
    place.patternProperties = Object.fromEntries(
      keys.map((key) => [`^${key.toUpperCase()}$`, { $ref: `#/properties/${key}` }]),
    )
  }
}
