import { PullpassError } from '../errors.js'
import { checkObject, kindOf } from '../kind-of.js'
import type { Env } from './types.js'

/** A key of the proxy configuration; in capitals, an environment variable. */
export type ProxyKey = 'http_proxy' | 'https_proxy' | 'no_proxy' | 'https_proxy_ca' | 'https_proxy_reject_unauthorized'

/** A value as an operator wrote it, and the name that they wrote it under. */
export interface Written {
  readonly value: unknown
  readonly field: string
}

/** Finds what is written for a key; `undefined` for nothing, which `""`, `null` and `[]` are too. */
export type ProxyLookup = (key: ProxyKey) => Written | undefined

/**
 * Looks into an object whose keys these are, in small letters or in capitals.
 *
 * @throws {PullpassError} `ERR_SETTINGS` when `config` is neither an object nor nothing.
 */
export function lookupInConfig(config: unknown): ProxyLookup {
  if (config !== undefined && config !== null && (typeof config !== 'object' || Array.isArray(config))) {
    throw new PullpassError('ERR_SETTINGS', `the configuration: found ${kindOf(config)}, expected an object`)
  }
  const keys = (config ?? {}) as Readonly<Record<string, unknown>>
  return (key) => firstWritten(keys, [key, key.toUpperCase()])
}

/**
 * Looks into environment variables, in capitals before small letters, as Go does.
 *
 * @throws {TypeError} When `env` is not an object.
 */
export function lookupInEnvironment(env: Env): ProxyLookup {
  checkObject(env, 'env')
  return (key) => {
    const written = firstWritten(env, [key.toUpperCase(), key])
    return written ?? (key === 'https_proxy_ca' ? numberedCas(env) : undefined)
  }
}

/** OpenCTI's own default configuration has `""` and `[]` for what is not set. */
export function isNothing(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() === ''
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0)
}

function firstWritten(values: Readonly<Record<string, unknown>>, names: readonly string[]): Written | undefined {
  const field = names.find((name) => !isNothing(values[name]))
  return field === undefined ? undefined : { value: values[field], field }
}

/** `HTTPS_PROXY_CA__0`, `HTTPS_PROXY_CA__1`, … */
function numberedCas(env: Env): Written | undefined {
  const entries: Record<string, unknown> = {}
  // Capitals sort first, and win.
  for (const name of Object.keys(env).sort()) {
    const index = /^https_proxy_ca__(\d{1,4})$/i.exec(name)?.[1]
    if (index !== undefined && !isNothing(env[name])) entries[Number(index)] ??= env[name]
  }
  return Object.keys(entries).length === 0 ? undefined : { value: entries, field: 'HTTPS_PROXY_CA' }
}
