import type * as z from 'zod'
import {
  daemonSection,
  dockerRegistrySection,
  orchestrators,
  platformSection,
  proxySection,
  registrySection,
} from './schema.js'
import type { Orchestrator } from './types.js'

/** A place in the operator's configuration that pullpass reads. */
export interface ConfigurationSection {
  /** Such as `opencti.daemon`; empty for the root. */
  readonly path: string
  readonly schema: z.ZodObject
  /** For which of them its keys change the settings. */
  readonly orchestrators: readonly Orchestrator[]
  /** Whether it holds nothing but these keys: another one is a mistake. */
  readonly closed: boolean
  /**
   * Whether a text without a letter and an empty list count as not set, as null does everywhere, and whatever is not an
   * object on the way there is not looked at.
   */
  readonly lenient: boolean
}

/** All of them. */
export const sections: readonly ConfigurationSection[] = [
  { path: 'opencti.daemon', schema: daemonSection, orchestrators, closed: false, lenient: false },
  { path: 'opencti.daemon.registry', schema: registrySection, orchestrators, closed: true, lenient: false },
  {
    path: 'opencti.daemon.docker.registry',
    schema: dockerRegistrySection,
    orchestrators: ['docker'],
    closed: true,
    lenient: false,
  },
  { path: '', schema: proxySection, orchestrators, closed: false, lenient: true },
  { path: 'app.https_cert', schema: platformSection, orchestrators: [], closed: false, lenient: true },
]

/** The keys of a section, each with its full path. */
export function keysOf({ path, schema }: ConfigurationSection): { readonly name: string; readonly path: string }[] {
  return Object.keys(schema.shape).map((name) => ({ name, path: path === '' ? name : `${path}.${name}` }))
}
