import { formatTrace, type ResolvedCredentials } from '../credentials/index.js'
import { describeCredentials } from '../credentials/trace.js'
import type { Credentials } from '../credentials/types.js'
import { PullpassError, type PullpassErrorCode } from '../errors.js'
import { secondsOfRetryAfter } from '../retry.js'
import { parseChallenges } from './challenges.js'
import { type HttpResponse, shownUrl } from './http.js'
import { type Sent, serverWords } from './server-words.js'

/** What a request was about, for the error that its refusal becomes. */
export interface Asked {
  /** As in an image name. */
  readonly registry: string
  /** `acme/app:1.0`; absent when the registry itself was asked. */
  readonly what?: string
  /** Whether that is a part of an image that is there. */
  readonly isPart?: boolean
  /** Whether `/v2/` had nothing of a registry about it. */
  readonly isNoRegistry?: boolean
  readonly found: ResolvedCredentials
  /** The header that was sent, if any. */
  readonly authorization?: string | undefined
  /** Where the registry has redirected to, when that is what answered. */
  readonly elsewhere?: string
  /** What was sent of them: `nothing`, the credentials themselves, or a token that a token server gave for them. */
  readonly sent: 'nothing' | 'credentials' | 'token'
}

/**
 * The error that a registry's answer means. A 401 by what was sent: `ERR_AUTHENTICATION_REQUIRED` for nothing,
 * `ERR_UNAUTHORIZED` for credentials, `ERR_ACCESS_DENIED` for a token whose server knew the credentials; else
 * `ERR_ACCESS_DENIED` (403), `ERR_IMAGE_NOT_FOUND` (404), `ERR_TIMEOUT` (408), `ERR_RATE_LIMITED` (429),
 * `ERR_PROXY_AUTHENTICATION_REQUIRED` (407) and `ERR_REGISTRY_FAULT`.
 */
export function registryRefusal(response: HttpResponse, asked: Asked): PullpassError {
  const { registry, what, found, elsewhere, authorization } = asked
  const said = saidBy(response, { credentials: found.credentials, authorization })
  if (response.status === 404) return missing(asked, said)
  if (elsewhere !== undefined) return storageRefusal(response, registry, elsewhere, said)
  if (response.status === 401) return unauthenticated(response, asked, said)
  if (response.status !== 403) return faultOf(response, registry, said)
  return new PullpassError('ERR_ACCESS_DENIED', `${registry} does not let ${who(found)} ${deed(what)}${said}`, {
    hint: deniedHint(found.credentials),
  })
}

function missing({ registry, what = 'registry API', isPart, isNoRegistry }: Asked, said: string): PullpassError {
  if (isPart === true) {
    return new PullpassError('ERR_REGISTRY_FAULT', `${registry} has lost ${what}, a part of the image${said}`, {
      hint: 'Push the image again; whoever runs the registry may find out what became of it.',
    })
  }
  if (isNoRegistry === true) {
    return new PullpassError(
      'ERR_REGISTRY_FAULT',
      `What answers at ${registry} is no registry: it has no /v2/${said}`,
      {
        hint: 'Check host and port of the registry, and what is in front of it.',
      },
    )
  }
  return new PullpassError('ERR_IMAGE_NOT_FOUND', `${registry} has no ${what}${said}`, {
    hint: 'Check the name and the tag. Some registries say this, too, of what the user may not see.',
  })
}

/** Where blobs are kept, nobody is known by name: the registry signs the address instead. */
function storageRefusal(response: HttpResponse, registry: string, elsewhere: string, said: string): PullpassError {
  const { status } = response
  const server = `${elsewhere}, to which ${registry} redirects,`
  if (status === 407 || status === 408 || status === 429) return faultOf(response, server, said)
  return new PullpassError('ERR_REGISTRY_FAULT', `${server} answers ${status}${said}`, {
    hint: 'A proxy or firewall in between has to let that host through, too; else the storage of the registry is at fault.',
  })
}

/** The error that a token server's refusal means, with the same codes as `registryRefusal`. */
export function tokenRefusal(
  response: HttpResponse,
  { registry, credentials }: { readonly registry: string; readonly credentials: Credentials | undefined },
): PullpassError {
  const server = `${shownUrl(response.url)}, the token server of ${registry},`
  const said = saidBy(response, { credentials })
  if (response.status === 401 && credentials !== undefined) {
    return new PullpassError('ERR_UNAUTHORIZED', `${server} refuses ${describeCredentials(credentials)}${said}`, {
      hint: wrongHint(registry),
    })
  }
  if (response.status === 401) {
    return new PullpassError(
      'ERR_AUTHENTICATION_REQUIRED',
      `${server} gives nobody a token without credentials${said}`,
      {
        hint: missingHint(registry),
      },
    )
  }
  if (response.status === 403) {
    const whom = credentials === undefined ? 'someone without credentials' : describeCredentials(credentials)
    return new PullpassError('ERR_ACCESS_DENIED', `${server} gives ${whom} no token${said}`, {
      hint: deniedHint(credentials),
    })
  }
  return faultOf(response, server, said)
}

function unauthenticated(response: HttpResponse, { registry, what, found, sent }: Asked, said: string): PullpassError {
  const challenges = parseChallenges(response.headers['www-authenticate'] ?? [])
  if (sent === 'token' && challenges.some(({ parameters }) => parameters['error'] === 'invalid_token')) {
    return new PullpassError('ERR_REGISTRY_FAULT', `${registry} refuses a fresh token of its own token server${said}`, {
      hint: 'Its keys, issuer, service or clocks do not fit together; only whoever runs the registry can correct that.',
    })
  }
  if (sent === 'credentials') {
    const message = `${registry} refuses ${who(found)}${said}`
    return new PullpassError('ERR_UNAUTHORIZED', message, { hint: wrongHint(registry) })
  }
  if (sent === 'token' && found.credentials !== undefined) {
    const message = `${registry} does not let ${who(found)} ${deed(what)}, or has no such thing${said}`
    return new PullpassError('ERR_ACCESS_DENIED', message, { hint: deniedHint(found.credentials) })
  }
  const tried = formatTrace(found.trace).replaceAll('\n', '; ')
  if (found.credentials === undefined) {
    const message = `${registry} asks for credentials to ${deed(what)}, and there are none (${tried})${said}`
    return new PullpassError('ERR_AUTHENTICATION_REQUIRED', message, {
      hint: found.trace.length === 0 ? NOWHERE_TO_LOOK : missingHint(registry),
    })
  }
  const schemes = challenges.map(({ scheme }) => scheme).join(', ') || 'nothing known'
  const message = `${registry} asks for ${schemes}, for which ${who(found)} cannot be used${said}`
  return new PullpassError('ERR_AUTHENTICATION_REQUIRED', message, {
    hint: 'Give a user and a password, or an access token that the registry takes as a password.',
  })
}

function faultOf(response: HttpResponse, server: string, said: string): PullpassError {
  const { status } = response
  const fault = (code: PullpassErrorCode, message: string, hint: string): PullpassError =>
    new PullpassError(code, `${server} ${message}${said}`, { hint })
  switch (status) {
    case 407:
      return fault(
        'ERR_PROXY_AUTHENTICATION_REQUIRED',
        'is behind a proxy that asks for credentials (407)',
        "Put the proxy's user and password into its URL: http://user:password@proxy:3128.",
      )
    case 408:
      return fault('ERR_TIMEOUT', 'waited too long for the request (408)', 'Try again; the network in between is slow.')
    case 429: {
      const seconds = secondsOfRetryAfter(response.headers['retry-after'], Date.now())
      const wait = seconds === undefined ? '' : `, and asks to wait ${Math.ceil(seconds)} s`
      return fault(
        'ERR_RATE_LIMITED',
        `answers too many requests (429)${wait}`,
        seconds === undefined
          ? 'Wait, or log in: registries allow known users more.'
          : `Try again in ${Math.ceil(seconds)} s, or log in: registries allow known users more.`,
      )
    }
    default:
      return fault(
        'ERR_REGISTRY_FAULT',
        status >= 500 ? `is at fault (${status})` : `gives an answer that no registry should (${status})`,
        status >= 500
          ? 'Try again later; the log of the registry says more.'
          : 'Look whether a registry answers at that address, and not something in front of it.',
      )
  }
}

/** `: UNAUTHORIZED, authentication required`, or nothing. */
function saidBy({ body }: HttpResponse, sent: Sent): string {
  const words = serverWords(body, sent)
  return words === undefined ? '' : `: ${words}`
}

function deed(what: string | undefined): string {
  return what === undefined ? 'log in' : `pull ${what}`
}

function who({ credentials, source }: ResolvedCredentials): string {
  return credentials === undefined
    ? 'someone without credentials'
    : `${describeCredentials(credentials)} (from ${source})`
}

/** Neither settings nor a login help a program that looks at neither. */
const NOWHERE_TO_LOOK =
  'Pass credentials to createRegistryClient: username and password, or defaultCredentials(settings), which looks in ' +
  'the settings and for what docker login left. Some registries say this, too, of a repository that does not exist.'

function missingHint(registry: string): string {
  return (
    `Add username and password for ${registry} to the settings, or run: docker login ${registry}. ` +
    'Some registries say this, too, of a repository that does not exist.'
  )
}

function wrongHint(registry: string): string {
  return `Check user and password. To try them: docker login ${registry}.`
}

function deniedHint(credentials: Credentials | undefined): string {
  return credentials === undefined
    ? 'Check the name of the repository, and give credentials that may pull from it.'
    : 'Check the name of the repository, and have whoever runs the registry allow this user to pull from it. ' +
        'Amazon ECR says this, too, of a password that is older than 12 hours.'
}
