import { variableOf } from './environment.js'
import { propertyOf } from './json-schema.js'
import { type ConfigurationSection, keysOf, sections } from './sections.js'

/** One key of the configuration reference. */
export interface ConfigurationKey {
  /** In full: `opencti.daemon.registry.server`. */
  readonly path: string
  readonly section: ConfigurationSection
  /** The environment variable that says the same: `OPENCTI__DAEMON__REGISTRY__SERVER`. */
  readonly variable: string
  /** What it takes, in words. */
  readonly type: string
  /** What holds where it is absent; `undefined` for nothing. */
  readonly byDefault: unknown
  readonly description: string
}

/** Every key that pullpass reads, in the order of the reference. */
export function configurationKeys(): ConfigurationKey[] {
  return sections.flatMap((section) =>
    keysOf(section).map(({ name, path }) => {
      const { title = '', default: byDefault, description = '' } = propertyOf(section, name)
      return { path, section, variable: variableOf(path), type: title, byDefault, description }
    }),
  )
}
