import * as z from 'zod'
import { flagFromText } from './flag.js'
import { parseRegistryServer } from './server.js'
import type { Orchestrator } from './types.js'

// The text of each `error` completes "found X, expected …". The texts of `describe` are the configuration reference.

const text = z.string({ error: 'a string (a number or a date needs quotes in YAML)' })

const flag: z.ZodType<boolean> = z.preprocess(flagFromText, z.boolean({ error: 'true or false' }))

function number(expected: string, schema: z.ZodNumber): z.ZodType<number> {
  const fromText = (value: unknown): unknown =>
    typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return z.preprocess(fromText, schema.nonnegative({ error: expected }))
}

function seconds(): z.ZodType<number> {
  const expected = 'a number of seconds, 0 or more'
  return number(expected, z.number({ error: expected }))
}

function count(): z.ZodType<number> {
  const expected = 'a whole number, 0 or more'
  return number(expected, z.int({ error: expected }))
}

const server = text.trim().superRefine((value, context) => {
  try {
    parseRegistryServer(value)
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message, params: { complete: true } })
  }
})

type Optional<T extends z.ZodType> = z.ZodOptional<T>

/** `opencti.daemon.registry` */
export const registrySection: z.ZodObject<{
  server: Optional<z.ZodString>
  username: Optional<z.ZodString>
  password: Optional<z.ZodString>
  email: Optional<z.ZodString>
  token_ttl: z.ZodDefault<z.ZodType<number>>
  retry_attempts: z.ZodDefault<z.ZodType<number>>
  retry_delay: z.ZodDefault<z.ZodType<number>>
}> = z.object({
  server: server.optional().describe('Registry host; a port, a scheme and a namespace may be part of it.'),
  username: text.min(1, { error: 'a user name' }).optional().describe('User of the registry.'),
  password: text.optional().describe('Password or access token of that user.'),
  email: text.optional().describe('Kept in the pull secret for old clients.'),
  token_ttl: seconds().default(1800).describe('How long a registry token is kept at most, in seconds.'),
  retry_attempts: count().default(3).describe('How many times a failed request is tried again.'),
  retry_delay: seconds().default(5).describe('Seconds before the first of them.'),
})

/** `opencti.daemon.docker.registry` */
export const dockerRegistrySection: z.ZodObject<{
  url: Optional<z.ZodString>
  username: Optional<z.ZodString>
  password: Optional<z.ZodString>
  insecure: Optional<z.ZodType<boolean>>
}> = z.object({
  url: server.optional().describe('Registry host, as opencti.daemon.registry.server.'),
  username: registrySection.shape.username,
  password: registrySection.shape.password,
  insecure: flag.optional().describe('Plain HTTP, or any certificate. Not for production.'),
})

/** What {@link registrySection} reads. */
export type RegistrySection = z.output<typeof registrySection>

/** What {@link dockerRegistrySection} reads. */
export type DockerRegistrySection = z.output<typeof dockerRegistrySection>

/** What `opencti.daemon.selector` can be. */
export const orchestrators: readonly [Orchestrator, ...Orchestrator[]] = ['docker', 'swarm', 'portainer', 'kubernetes']

/** `opencti.daemon`, as far as it is about pulling images. */
export const daemonSection: z.ZodObject<{
  selector: Optional<z.ZodType<Orchestrator>>
  with_proxy: z.ZodDefault<z.ZodType<boolean>>
}> = z.object({
  selector: z
    .enum(orchestrators, { error: `one of ${orchestrators.join(', ')}` })
    .optional()
    .describe('Where containers are launched.'),
  with_proxy: flag.default(false).describe('Whether the proxy configuration is used at all.'),
})
