import { type PullpassErrorCode } from '../errors.js'
import { codeOfErrorCode } from './error-codes.js'
import { statementsIn } from './extract.js'
import { hintFor, meaningOf } from './hints.js'
import { hostIn, imageIn } from './names.js'
import { redact } from './redact.js'
import { codeOfWords, isAnotherFailure } from './rules.js'
import type { Statement } from './statement.js'
import { any, cut, namesServerError, part, said, type Said, says } from './text.js'
import { waitIn } from './wait.js'

/** What is wrong with a pull, and what to do about it. */
export interface PullFailure {
  /** The stable word to branch on; `ERR_UNKNOWN` where what was said does not tell. */
  readonly code: PullpassErrorCode
  /** What is wrong, then the runtime's own words after a colon: without secrets, and at most 1,500 characters. */
  readonly message: string
  /** What to do about it; undefined for `ERR_UNKNOWN` alone. */
  readonly hint: string | undefined
  /** Whether the same pull may succeed later, with nothing changed. */
  readonly retryable: boolean
}

/** A statement, and what it tells. */
interface Told {
  readonly statement: Statement
  readonly code: PullpassErrorCode
}

/**
 * Tells from what a runtime said why a pull failed. Never throws, and reads a bounded part of its input.
 *
 * Takes anything that a failure comes as: an error of this library (its code is kept), dockerode's error, a line or all
 * lines of an engine's stream, the body of an answer, the state a container waits in, a container's status, a pod, an
 * Event of core/v1 or events.k8s.io/v1, lists of these, `{ waiting, events }`, an error of Node's or undici's with
 * whatever it wraps, JSON, or plain words.
 *
 * Of several statements, the last that tells a failed pull decides; a pull secret that was not found explains why a
 * registry refused. What is no failed pull (a pull that succeeded, a container that does not start) and words that are
 * not known are `ERR_UNKNOWN`: nothing is guessed. The words are those of Docker Engine 20.10 to 29, Podman, CRI-O,
 * containerd and kubelet, and of the registries behind them; see `docs/errors.md` for where they cannot tell.
 */
export function classifyPullFailure(input: unknown): PullFailure {
  return classify(input, [])
}

/** The same, without `secrets` in the message: what was sent, and may have been repeated. */
export function classify(input: unknown, secrets: readonly string[]): PullFailure {
  const { code, statement } = decide(statementsIn(input).map(told))
  const words = statement === undefined ? '' : redact(cut(statement.words), secrets)
  const evidence = said([words, ...(statement?.codes ?? [])].join(' '), false, statement?.status)
  const retryable = mayPass(code, evidence)
  const host = hostIn(words)
  const own = statement?.own?.hint
  const wait = waitIn(evidence.text, statement?.retryAfter)
  const hint = own === undefined ? hintFor(code, { host, wait, retryable }) : redact(own, secrets)
  return { code, message: messageOf(code, words, statement), hint, retryable }
}

function told(statement: Statement): Told {
  const { own, about, words, kubelet, status, onlySecret, codes, fallback } = statement
  if (own) return { statement, code: own.code }
  const text = said(words, kubelet, status)
  if (about !== undefined || isAnotherFailure(text)) return { statement, code: 'ERR_UNKNOWN' }
  const found =
    codeOfWords(text) ?? codes.map(codeOfErrorCode).find((code) => code !== undefined) ?? fallback ?? 'ERR_UNKNOWN'
  return { statement, code: onlySecret && found !== 'ERR_PULL_SECRET_INVALID' ? 'ERR_UNKNOWN' : found }
}

/** What a missing secret explains. */
const refusals: readonly PullpassErrorCode[] = ['ERR_AUTHENTICATION_REQUIRED', 'ERR_UNAUTHORIZED', 'ERR_ACCESS_DENIED']

function decide(all: readonly Told[]): { code: PullpassErrorCode; statement?: Statement | undefined } {
  const telling = all.filter(({ code }) => code !== 'ERR_UNKNOWN')
  const missing = telling.findLast(({ code }) => code === 'ERR_PULL_SECRET_MISSING')
  const failure = telling.findLast(({ code }) => code !== 'ERR_PULL_SECRET_MISSING')
  if (failure) {
    if (!missing || !refusals.includes(failure.code)) return failure
    const words = `${missing.statement.words} ${failure.statement.words}`
    return { code: missing.code, statement: { ...missing.statement, words } }
  }
  // kubelet only warns: another secret may do.
  if (missing && !all.some(({ statement }) => statement.about === 'pulled')) return missing
  const last = all.findLast(({ statement }) => statement.about === undefined) ?? all.at(-1)
  return { code: 'ERR_UNKNOWN', statement: last?.statement }
}

const passing: readonly PullpassErrorCode[] = [
  'ERR_CONNECTION_REFUSED',
  'ERR_CONNECTION_LOST',
  'ERR_TIMEOUT',
  'ERR_RATE_LIMITED',
  'ERR_PULL_THROTTLED',
]

/** What a resolver says when it is at fault itself, rather than the name. */
const resolverFaults = [
  'server misbehaving',
  'temporary failure',
  'i/o timeout',
  'connection refused',
  'eai_again',
  'eservfail',
  'etimeout',
]

/** What a registry or kubelet says that expects to be back. Not a part of an image's name. */
const isUnavailable = any(part('unavailable'), says('registryunavailable', ' is unavailable', 'service unavailable'))

/** What a proxy says when it is the target's fault. */
const targetFaults = ['bad gateway', 'service unavailable', 'gateway timeout']

function mayPass(code: PullpassErrorCode, evidence: Said): boolean {
  const { text, status } = evidence
  switch (code) {
    case 'ERR_HOST_NOT_FOUND':
      return resolverFaults.some((fault) => text.includes(fault))
    case 'ERR_PROXY_UNREACHABLE':
      return !text.includes('no such host') && !text.includes('enotfound')
    case 'ERR_PROXY':
      return namesServerError(text) || targetFaults.some((fault) => text.includes(fault))
    case 'ERR_REGISTRY_FAULT':
      return status === undefined ? namesServerError(text) || isUnavailable(evidence) : status >= 500
    default:
      return passing.includes(code)
  }
}

/** What happens on the way to a host, whatever the image. */
const ofHost: readonly PullpassErrorCode[] = [
  'ERR_CONNECTION_REFUSED',
  'ERR_CONNECTION_LOST',
  'ERR_HOST_NOT_FOUND',
  'ERR_TIMEOUT',
  'ERR_CERTIFICATE_UNKNOWN_AUTHORITY',
  'ERR_CERTIFICATE_HOST_MISMATCH',
  'ERR_CERTIFICATE_EXPIRED',
  'ERR_TLS',
  'ERR_PLAIN_HTTP_REGISTRY',
]

const LONGEST_START = 400
const LONGEST_END = 600

function messageOf(code: PullpassErrorCode, words: string, statement: Statement | undefined): string {
  if (statement?.own) return shortened(words)
  const line = words.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()
  if (line === '') return `${meaningOf(code)}.`
  const name = ofHost.includes(code) ? (hostIn(words) ?? imageIn(words)) : (imageIn(words) ?? hostIn(words))
  return `${meaningOf(code)}${name === undefined ? '' : ` (${name})`}: ${shortened(line)}`
}

/** The cause is at the end of Go's words, and at the beginning of an answer that is quoted. */
function shortened(words: string): string {
  if (words.length <= LONGEST_START + LONGEST_END) return words
  return `${words.slice(0, LONGEST_START)} … ${words.slice(-LONGEST_END)}`
}
