import { PullpassError } from '../errors.js'
import { kindOf } from '../kind-of.js'
import { isNothing } from './proxy-lookup.js'
import { quote } from './quote.js'
import type { CaSource } from './types.js'

const EXPECTED = 'the path of a file or a PEM certificate'

/**
 * Reads a list of certificate authorities, however an operator wrote it: a path, a PEM text (which may hold several
 * certificates), a list of these, a JSON array in a string (`'["/etc/ssl/proxy-ca.pem"]'`), or a map with the indexes
 * as keys (`{ '0': … }`). Empty values count as not there. No file is read, and no certificate parsed.
 *
 * @returns The sources in their order; none for nothing.
 * @throws {PullpassError} `ERR_SETTINGS`, naming the entry, for another type, broken JSON, or a private key.
 */
export function parseCaList(value: unknown): CaSource[] {
  return readCaList(value, 'ca')
}

/** The same for a value whose name in errors is `field`. */
export function readCaList(value: unknown, field: string): CaSource[] {
  if (isNothing(value)) return []
  if (typeof value === 'string') {
    return value.trimStart().startsWith('[') ? readList(parseJson(value, field), field) : [readSource(value, field)]
  }
  if (Array.isArray(value)) return readList(value, field)
  if (typeof value === 'object') return readList(listOf(value as Record<string, unknown>, field), field)
  throw wrong(field, kindOf(value), `${EXPECTED}, or a list of these`)
}

function readList(list: readonly unknown[], field: string): CaSource[] {
  return list.flatMap((entry, index) => (isNothing(entry) ? [] : [readSource(entry, `${field}[${index}]`)]))
}

function readSource(value: unknown, field: string): CaSource {
  if (typeof value !== 'string') throw wrong(field, kindOf(value), EXPECTED)
  // A file that holds the key beside the certificate goes where certificates go: into containers and Secrets.
  if (value.includes('PRIVATE KEY-----')) throw wrong(field, 'a private key', 'certificates alone')
  return value.includes('-----BEGIN ') ? { pem: unescapeLines(value.trim()) } : { path: value.trim() }
}

/** An environment variable often has `\n` where a line ends. */
function unescapeLines(pem: string): string {
  return pem.includes('\n') ? pem : pem.replaceAll('\\r', '').replaceAll('\\n', '\n')
}

function parseJson(text: string, field: string): unknown[] {
  try {
    return JSON.parse(text) as unknown[]
  } catch {
    throw wrong(field, "text that begins with '[' and is not a JSON array", 'a list such as ["/etc/ssl/proxy-ca.pem"]')
  }
}

/** Sparse where an index is missing, which counts as empty. */
function listOf(map: Readonly<Record<string, unknown>>, field: string): unknown[] {
  const keys = Object.keys(map)
  const odd = keys.find((key) => !/^\d{1,4}$/.test(key))
  if (odd !== undefined) throw wrong(field, `the key ${quote(odd)}`, "indexes ('0', '1', …) as keys, or a list")
  const list: unknown[] = []
  for (const key of keys) list[Number(key)] = map[key]
  return list
}

function wrong(field: string, found: string, expected: string): PullpassError {
  return new PullpassError('ERR_SETTINGS', `${field}: found ${found}, expected ${expected}`, {
    hint: 'List the certificate authorities that sign for the proxy, each as a path or as the PEM text itself.',
  })
}
