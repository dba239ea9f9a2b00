import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { abortable } from '../abortable.js'
import { PullpassError } from '../errors.js'

/** No registry sends its clients further. */
const MOST_REDIRECTS = 5

/** Without an answer, or a piece of one, for this long, a connection counts as dead. In milliseconds. */
const PATIENCE = 30_000

/** A request, and what may become of it. */
export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** Kept apart from `headers`, because it does not cross origins. */
  readonly authorization?: string | undefined
  readonly body?: string
  /** A longer answer is an error. */
  readonly maxBytes: number
  /** Says how `url` is reached, or throws when it must not be. Asked again for each redirect. */
  readonly route: (url: URL, from?: URL) => Dispatcher | Promise<Dispatcher>
  /** Told of every exchange, a redirect's too. */
  readonly onHop?: ((hop: HttpHop) => void) | undefined
  readonly signal: AbortSignal
}

/** One request and its answer. */
export interface HttpHop {
  readonly method: string
  readonly url: URL
  /** What was sent along: the scheme of an `Authorization` header, or a form with credentials. */
  readonly offered: 'nothing' | 'Basic' | 'Bearer' | 'form'
  readonly status?: number
  readonly headers?: IncomingHttpHeaders
  readonly error?: unknown
}

/** An answer with its whole body. */
export interface HttpResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Uint8Array
  /** Where it came from, after redirects. */
  readonly url: URL
}

/**
 * Sends a request and reads the answer, of any status. GET and HEAD follow redirects; `Authorization` stays behind at
 * the first that leaves the origin.
 *
 * @throws What undici throws when the exchange fails, what `route` throws, or the signal's reason.
 * @throws {PullpassError} `ERR_REGISTRY_FAULT` for an answer that is too long or redirects without end.
 */
export async function exchange(request: HttpRequest): Promise<HttpResponse> {
  let { url, authorization } = request
  let from: URL | undefined
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const response = await send(request, url, from, authorization)
    const target = request.method === 'POST' ? undefined : redirectTarget(response)
    if (target === undefined) return response
    if (target.origin !== url.origin) authorization = undefined
    from = url
    url = target
  }
  throw new PullpassError('ERR_REGISTRY_FAULT', `${shownUrl(request.url)} redirects more than ${MOST_REDIRECTS} times`)
}

async function send(
  request: HttpRequest,
  url: URL,
  from: URL | undefined,
  authorization: string | undefined,
): Promise<HttpResponse> {
  const { method, signal, onHop } = request
  let hop: HttpHop = { method, url, offered: 'nothing' }
  try {
    const dispatcher = await request.route(url, from)
    hop = { ...hop, offered: request.body === undefined ? schemeOf(authorization) : 'form' }
    signal.throwIfAborted()
    const asked = dispatcher.request({
      method,
      origin: url.origin,
      path: url.pathname + url.search,
      headers: { 'user-agent': 'pullpass', ...request.headers, ...(authorization !== undefined && { authorization }) },
      body: request.body ?? null,
      headersTimeout: PATIENCE,
      bodyTimeout: PATIENCE,
      // undici ends the connection after a HEAD unless it is told not to, for servers that send a body all the same.
      reset: false,
      signal,
    })
    // undici does not look at the signal before it has a connection.
    const answer = await abortable(asked, signal)
    onHop?.({ ...hop, status: answer.statusCode, headers: answer.headers })
    const body = await readBody(answer, method, request.maxBytes, url)
    return { status: answer.statusCode, headers: answer.headers, body, url }
  } catch (error) {
    signal.throwIfAborted()
    onHop?.({ ...hop, error })
    throw error
  }
}

function schemeOf(authorization: string | undefined): 'nothing' | 'Basic' | 'Bearer' {
  if (authorization === undefined) return 'nothing'
  return authorization.startsWith('Basic ') ? 'Basic' : 'Bearer'
}

const NOTHING = new Uint8Array()

async function readBody(
  { body }: Dispatcher.ResponseData,
  method: string,
  maxBytes: number,
  url: URL,
): Promise<Uint8Array> {
  if (method === 'HEAD') {
    await body.dump()
    return NOTHING
  }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    length += chunk.length
    // Leaving the loop closes the connection.
    if (length > maxBytes) {
      throw new PullpassError('ERR_REGISTRY_FAULT', `${shownUrl(url)} answered more than ${maxBytes} bytes`)
    }
    chunks.push(chunk)
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}

function redirectTarget({ status, headers, url }: HttpResponse): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || headers.location === undefined) return undefined
  const target = URL.canParse(headers.location, url.href) ? new URL(headers.location, url) : undefined
  if (target && (target.protocol === 'https:' || target.protocol === 'http:') && target.username === '') return target
  throw new PullpassError('ERR_REGISTRY_FAULT', `${shownUrl(url)} redirects to what is no address of a web server`)
}

/** A URL as errors show it: without user info, and without a query, which may be a signature. */
export function shownUrl({ origin, pathname }: URL): string {
  return origin + pathname
}
