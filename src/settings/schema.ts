import * as z from 'zod'
import type { Orchestrator } from './types.js'
import { caList, count, flag, hosts, proxyUrl, seconds, server, text } from './values.js'

// Every key that pullpass reads. The descriptions are those of the configuration reference and of the JSON Schema.

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
  server: server.optional().meta({
    description:
      'Registry that images come from, unless their names have one. It is also what the credentials are for.',
    default: 'docker.io',
    examples: ['registry.example.com', 'registry.example.com:5000/team'],
  }),
  username: text
    .min(1, { error: 'a user name' })
    .optional()
    .meta({ description: 'User of the registry. Goes with a password.', examples: ['robot$ci'] }),
  password: text.optional().meta({ description: 'Password or access token of that user. Quote it.', writeOnly: true }),
  email: text.optional().meta({
    description: 'Goes along in pull secrets, for old clients. No registry asks for it.',
    examples: ['ci@example.com'],
  }),
  token_ttl: seconds.default(1800).meta({
    description:
      'How long pullpass keeps a registry token for its own requests, at most. Engines and nodes get their own.',
    examples: [1800],
  }),
  retry_attempts: count
    .default(3)
    .meta({ description: 'How many times a failed request or pull is tried again, after the first.', examples: [3] }),
  retry_delay: seconds
    .default(5)
    .meta({ description: 'How long to wait before the first of them; it grows from there.', examples: [5] }),
})

/** `opencti.daemon.docker.registry` */
export const dockerRegistrySection: z.ZodObject<{
  url: Optional<z.ZodString>
  username: Optional<z.ZodString>
  password: Optional<z.ZodString>
  insecure: Optional<z.ZodType<boolean>>
}> = z.object({
  url: server.optional().meta({
    description:
      'Registry of the Docker orchestrator. Another place than opencti.daemon.registry.server starts without credentials.',
    examples: ['registry.example.com:5000'],
  }),
  username: registrySection.shape.username,
  password: registrySection.shape.password,
  insecure: flag
    .optional()
    .meta({ description: 'Plain HTTP, or any certificate, for this registry. Not for production.', default: false }),
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
    .meta({ title: `one of ${orchestrators.join(', ')}` })
    .optional()
    .meta({
      description:
        'Where containers are launched, unless the program says so. Only for docker does opencti.daemon.docker.registry count.',
    }),
  with_proxy: flag
    .default(false)
    .meta({ description: 'Whether a proxy is used. false: none, whatever the other keys and the environment say.' }),
})

/** The proxy, at the root of the configuration. Read by {@link resolveProxy}, which names each key as it was written. */
export const proxySection: z.ZodObject = z.object({
  http_proxy: proxyUrl.optional().meta({
    description:
      'Proxy for http: URLs. Without a scheme it is an http: one. User name and password are percent-encoded.',
    examples: ['http://proxy.example.com:3128'],
  }),
  https_proxy: proxyUrl.optional().meta({
    description: 'Proxy for https: URLs, which is what registries have. http_proxy does not stand in for it.',
    examples: ['http://proxy.example.com:3128'],
  }),
  no_proxy: hosts.optional().meta({
    description:
      'What is reached directly: host names with their subdomains, addresses, networks, each with an optional port.',
    examples: ['localhost,.svc,10.0.0.0/8'],
  }),
  https_proxy_ca: caList.optional().meta({
    description:
      'Certificate authorities to trust besides the default ones, on connections through the proxy. ' +
      'In the environment also numbered: HTTPS_PROXY_CA__0, HTTPS_PROXY_CA__1 and so on.',
    examples: [['/etc/ssl/proxy-ca.pem']],
  }),
  https_proxy_reject_unauthorized: flag.optional().meta({
    description: 'Whether certificates are verified on connections through the proxy. Set it to true.',
    default: false,
    examples: [true],
  }),
})

/** `app.https_cert`, as far as {@link parsePlatformHttpsCert} reads it. */
export const platformSection: z.ZodObject = z.object({
  ca: caList.optional().meta({
    description:
      "Certificate authorities of the platform's own HTTPS server. Not those of the proxy: see https_proxy_ca.",
    examples: [['/etc/ssl/platform-ca.pem']],
  }),
  reject_unauthorized: flag.optional().meta({
    description:
      "Whether the platform's own HTTPS server verifies. Not for the proxy: see https_proxy_reject_unauthorized.",
    default: true,
  }),
})
