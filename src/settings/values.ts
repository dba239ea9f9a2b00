import * as z from 'zod'
import type { PullpassError } from '../errors.js'
import { parseRegistryServer } from './server.js'

// The kinds of values that an operator writes. The text of each `error` completes "found X, expected …"; `title` names
// the kind in the configuration reference and in the JSON Schema, whose patterns tell what an editor can tell.

/** Any text. A YAML number is none: `0123` would lose its zero. */
export const text: z.ZodString = z
  .string({ error: 'a string (a number or a date needs quotes in YAML)' })
  .meta({ title: 'text' })

const TRUE_OR_FALSE = 'true or false'

/** `true` and `false`, also as text in any case, as environment variables have them. */
export const flag: z.ZodType<boolean> = z
  .union(
    [
      z.boolean(),
      z
        .string()
        .regex(/^\s*(?:[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])\s*$/)
        .transform((value) => value.trim().toLowerCase() === 'true'),
    ],
    { error: TRUE_OR_FALSE },
  )
  .meta({ title: TRUE_OR_FALSE })

/** Seconds, with fractions. */
export const seconds: z.ZodType<number> = number(
  'a number of seconds, 0 or more',
  z.number(),
  /^\s*(?:\d{1,15}\.?\d{0,15}|\.\d{1,15})\s*$/,
)

/** How many of something. */
export const count: z.ZodType<number> = number('a whole number, 0 or more', z.int(), /^\s*\d{1,15}\s*$/)

/** A number that is not negative, also as text, as environment variables have it. */
function number(expected: string, schema: z.ZodNumber, textForm: RegExp): z.ZodType<number> {
  return z
    .union([schema.nonnegative({ error: expected }), z.string().regex(textForm).transform(Number)], { error: expected })
    .meta({ title: expected })
}

// The patterns have no look-ahead, which the validators of some languages do not know.
const hostChar = '[^\\s/@?#]'
const dottedHost = `[^\\s/@?#.:A-Z]*(?:[.A-Z](?:${hostChar}*[^\\s/@?#:])?|:${hostChar}*[^\\s/@?#:])`

/** What {@link parseRegistryServer} reads. */
export const server: z.ZodString = text
  .trim()
  .superRefine((value, context) => {
    try {
      parseRegistryServer(value)
    } catch (error) {
      const { message, hint } = error as PullpassError
      context.addIssue({ code: 'custom', message, params: { complete: true, hint } })
    }
  })
  .meta({
    title: "a registry's host, with a port and a namespace if need be",
    // An optional scheme; a host that is localhost or has a dot, a capital or a colon, and does not end in one; a path.
    pattern: `^\\s*(?:[Hh][Tt][Tt][Pp][Ss]?://)?(?:localhost|${dottedHost})(?:/[^\\s@?#]*)?\\s*$`,
  })

/** What {@link parseProxyUrl} reads, which says itself what is wrong: a known scheme and a host, or no scheme. */
export const proxyUrl: z.ZodType<string> = z
  .union([
    z.string().regex(/^\s*(?:[Hh][Tt][Tt][Pp][Ss]?|[Ss][Oo][Cc][Kk][Ss](?:5[Hh]?)?):\/\/[^/?#][^?#]*$/),
    z
      .string()
      .regex(/^\s*[^\s/?#][^?#]*$/)
      .meta({ not: { pattern: '^\\s*[A-Za-z][A-Za-z0-9+.-]{0,20}://' } }),
  ])
  .meta({ title: "a proxy's URL" })

/** What NO_PROXY holds. */
export const hosts: z.ZodType<string | string[]> = z
  .union([z.string(), z.array(z.string())])
  .meta({ title: 'hosts, as a list or between commas' })

/** Whoever hands out a certificate with its key has given the key away. */
const pathOrPem = z.string().meta({ not: { pattern: 'PRIVATE KEY-----' } })

/** What is not set is left out. */
const caEntry = z.union([pathOrPem, z.null(), z.array(z.unknown()).max(0)])

/** What {@link parseCaList} reads, which says itself what is wrong. */
export const caList: z.ZodType = z
  .union([pathOrPem, z.array(caEntry), z.record(z.string().regex(/^\d{1,4}$/), caEntry)])
  .meta({ title: 'the path of a file or a PEM certificate, or a list of these' })
