/** An answer before it is sent. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number>>
  readonly body: Uint8Array | string
}

/** A request as far as an answer depends on it. */
export interface Question {
  readonly method: string
  /** Without the query. */
  readonly path: string
  /** Of the query, or of the form. */
  readonly parameters: URLSearchParams
  readonly authorization: string | undefined
}

type Words = readonly [code: string, message: string]

const codes: Readonly<Record<number, Words>> = {
  401: ['UNAUTHORIZED', 'authentication required'],
  403: ['DENIED', 'requested access to the resource is denied'],
  404: ['NOT_FOUND', 'not found'],
  405: ['UNSUPPORTED', 'this registry only serves pulls'],
  429: ['TOOMANYREQUESTS', 'too many requests'],
}

/** A refusal, with the error body of the OCI distribution specification. */
export function refusal(
  status: number,
  headers: Reply['headers'] = {},
  words: Words = codes[status] ?? ['UNKNOWN', 'unknown error'],
): Reply {
  const [code, message] = words
  return json(status, { errors: [{ code, message }] }, headers)
}

export function json(status: number, body: unknown, headers: Reply['headers'] = {}): Reply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
}
