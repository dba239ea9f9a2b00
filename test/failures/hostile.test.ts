import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { classifyPullFailure, pullFailureError } from '../../src/failures/index.js'
import { redact } from '../../src/failures/redact.js'

describe('whatever comes in', () => {
  const cyclic: Record<string, unknown> = { message: 'manifest unknown' }
  cyclic['cause'] = cyclic
  cyclic['errors'] = [cyclic, { cause: cyclic }]
  const throwing = new Proxy(
    {},
    {
      get: () => {
        throw new Error('no')
      },
    },
  )
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  const revokedList = Proxy.revocable([], {})
  revokedList.revoke()
  const getter = {
    get message(): string {
      throw new Error('no')
    },
    error: 'manifest unknown',
  }
  const endless: object = new Proxy({}, { get: () => endless })
  const deep = Array.from({ length: 10_000 }).reduce<unknown>((inner) => ({ cause: inner }), { message: 'denied' })
  const deepList = Array.from({ length: 10_000 }).reduce<unknown>((inner) => [inner], 'denied')

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a number', 404],
    ['a bigint', 1n],
    ['a symbol', Symbol('denied')],
    ['a function', () => 'denied'],
    ['an empty object', {}],
    ['an empty list', []],
    ['a list of nothing', [null, undefined, 1, {}, []]],
    ['an object without prototype', Object.create(null)],
    ['a proxy that throws', throwing],
    ['a revoked proxy', revoked.proxy],
    ['a revoked proxy of a list', revokedList.proxy],
    ['an endless object', endless],
    ['a deep chain', deep],
    ['a deep list', deepList],
    ['a sparse list', new Array(2 ** 32 - 1)],
    ['JSON of nothing', '{"a":[[[]]]}'],
    ['deep JSON', '['.repeat(100_000)],
    ['bytes that are no UTF-8', new Uint8Array([255, 254, 0])],
    [
      'wrong types',
      { message: {}, error: 1, errors: 'x', cause: 3, json: [], body: 5, reason: {}, events: 1, waiting: 'x' },
    ],
    ['wrong types of a pod', { status: { containerStatuses: [null, 1, { state: null }, { state: { waiting: 1 } }] } }],
  ])('%s is unknown, and nothing is thrown', (_, input) => {
    const failure = classifyPullFailure(input)
    expect(failure).toMatchObject({ code: 'ERR_UNKNOWN', hint: undefined, retryable: false })
    expect(failure.message).not.toBe('')
    expect(pullFailureError(input).code).toBe('ERR_UNKNOWN')
  })

  it.each([
    ['a cycle', cyclic],
    ['a getter that throws', getter],
    ['a list with a proxy that throws', [throwing, revoked.proxy, 'manifest unknown', null]],
  ])('%s does not hide what is said', (_, input) => {
    expect(classifyPullFailure(input).code).toBe('ERR_IMAGE_NOT_FOUND')
  })

  it('changes nothing', () => {
    const freeze = (value: unknown): unknown => {
      if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze)
      return value
    }
    const events = [
      { reason: 'Failed', message: 'Failed to pull image "a": b', lastTimestamp: '2026-01-02T00:00:00Z' },
      {
        reason: 'Failed',
        message: 'Failed to pull image "a": manifest unknown',
        lastTimestamp: '2026-01-01T00:00:00Z',
      },
    ]
    expect(classifyPullFailure(freeze(events)).code).toBe('ERR_IMAGE_NOT_FOUND')
  })

  it('bounds the message, and keeps the beginning and the cause at the end', () => {
    const words = `failed to pull image "r.test/a:1": ${'x '.repeat(20_000)}: 401 Unauthorized`
    const { code, message } = classifyPullFailure(words)
    expect(code).toBe('ERR_UNAUTHORIZED')
    expect(message.length).toBeLessThanOrEqual(1500)
    expect(message).toContain('failed to pull image "r.test/a:1"')
    expect(message).toContain('401 Unauthorized')
  })

  it('keeps control characters out of the message', () => {
    expect(classifyPullFailure('denied: \u001b[31mred\u0007\r\nline\u202e').message).toMatch(/denied: \[31mred line$/)
  })

  it.each([
    ['one long word', 'a'.repeat(1_000_000)],
    ['spaces', ' '.repeat(1_000_000)],
    ['colons', ': '.repeat(500_000)],
    ['almost a rule', ': denie'.repeat(150_000)],
    ['a rule again and again', ': denied/'.repeat(110_000)],
    ['statuses', 'unexpected status '.repeat(55_000)],
    ['URLs', '://'.repeat(333_000)],
    ['at signs', 'a:b@'.repeat(250_000)],
    ['quotes', 'parse "'.repeat(140_000)],
    ['names of secrets', 'password="'.repeat(100_000)],
    ['queries', `https://a/?${'a=b&'.repeat(250_000)}`],
    ['braces', '{'.repeat(1_000_000)],
    ['mirrors', '(Mirrors also failed: '.repeat(45_000)],
  ])('looks at a bounded part of a megabyte: %s', (_, text) => {
    // What ends in the middle of a word is left out where it was cut: the second is not.
    const long = `${text.slice(0, 65_000)} x`
    const many = Array.from({ length: 5000 }, () => ({ reason: 'Failed', message: `Failed to pull image ${long}` }))
    for (const input of [text, long, { message: text }, [long, long], many, { errors: [text, { message: long }] }]) {
      expect(classifyPullFailure(input).message.length).toBeLessThanOrEqual(1500)
    }
  })
})

describe('secrets', () => {
  const canary = 'c4naryS3cret'
  const base64 = btoa(`robot:${canary}`)
  const jwt = `eyJhbGciOiJSUzI1NiJ9.${btoa(JSON.stringify({ sub: canary }))}.${canary}`
  const leaks: [string, string][] = [
    ['the password of a proxy', `proxyconnect tcp: dial http://user:${canary}@proxy.corp:3128: connection refused`],
    ['a password with @ and /', `Get "http://user:p/@${canary}@r.test/v2/": EOF`],
    ['a token as the user', `Get "https://${canary}@r.test/v2/": EOF`],
    ['a proxy without a scheme', `dial user:${canary}@proxy.corp:3128: connection refused`],
    ['a URL that does not parse', `parse "http://user:${canary} x@proxy": net/url: invalid userinfo`],
    ['a URL without its host', `proxy http://user:${canary} is not valid`],
    ['an Authorization header', `request failed: Authorization: Basic ${base64}`],
    ['an Authorization header as JSON', `headers: {"authorization":"Bearer ${canary}"}`],
    ['an escaped Authorization header', `headers: "{\\"Authorization\\":\\"Bearer ${canary}\\"}"`],
    ['a Proxy-Authorization header', `Proxy-Authorization: Basic ${base64}\r\nHost: r.test`],
    ['X-Registry-Auth', `X-Registry-Auth: ${btoa(JSON.stringify({ password: canary }))}`],
    ['a bearer token', `sent Bearer ${jwt} to r.test`],
    ['a token by its form', `the token was ${jwt}`],
    ['a token of GitHub', `bad credentials ghp_${canary}${canary}`],
    ['a token of Docker Hub', `pull rate limit as 'x': dckr_jti_${canary}=. Upgrade.`],
    ['a query', `Get "https://auth.test/token?service=r.test&access_token=${canary}": EOF`],
    ['a signed address', `Get "https://s3.test/b?X-Amz-Signature=${canary}&X-Amz-Credential=${canary}": 403 Forbidden`],
    ['an unknown parameter', `Get "https://blob.test/b?sv=1&x=${canary}": EOF`],
    ['a query in a JSON text', `"https://a.test/t?service=b\\u0026token=${canary}"`],
    ['a field of JSON', `unexpected body {"username":"robot","password":"${canary} and more"}`],
    ['an identity token', `unexpected body {"identitytoken": "${canary}"}`],
    ['an auth field', `auths: {"r.test":{"auth":"${base64}"}}`],
    ['an assignment', `env: REGISTRY_PASSWORD=${canary} failed`],
    ['prose', `login failed, password: ${canary}`],
    ["Artifactory's words", `unknown: Bad props auth token: apitoken=<${canary}>`],
  ]

  function everything(input: unknown): string {
    const failure = classifyPullFailure(input)
    const error = pullFailureError(input)
    const cause = error.cause as Error | undefined
    return [
      JSON.stringify(failure),
      inspect(failure),
      error.message,
      error.hint,
      error.stack,
      inspect(error, { depth: 10, showHidden: true }),
      JSON.stringify(cause),
      cause?.stack,
    ].join('\n')
  }

  it.each(leaks)('%s is in nothing that comes out', (_, words) => {
    const node = Object.assign(new Error(words), { request: { headers: { authorization: `Bearer ${canary}` } } })
    const inputs = [
      words,
      node,
      { statusCode: 500, json: { message: words }, message: `(HTTP code 500) server error - ${words} ` },
      { errorDetail: { message: words }, error: words },
      { reason: 'ErrImagePull', message: words },
      [{ reason: 'Failed', note: `Failed to pull image "a": ${words}` }],
      new TypeError('fetch failed', { cause: node }),
      Object.assign(new Error('pull'), { name: 'PullpassError', code: 'ERR_UNAUTHORIZED', hint: words }),
      // Cut in the middle of the secret, wherever that is.
      `${'x'.repeat(10)} ${'y '.repeat(32_700)}${words}`,
    ]
    for (const input of inputs) {
      const out = everything(input)
      expect(out).not.toContain(canary)
      expect(out).not.toContain(base64)
    }
  })

  it.each(leaks)('%s is not in a message that was cut in the middle of it', (_, words) => {
    for (let cut = 65_536 - words.length; cut <= 65_536; cut += 11) {
      const { message } = classifyPullFailure(`${' '.repeat(cut)}${words}`)
      expect(message).not.toContain(canary.slice(0, 6))
    }
  })

  it.each([
    'Get "https://auth.test/token?scope=repository%3Aacme%2Fapp%3Apull&service=r.test": EOF',
    'failed to pull image "r.test/acme/app@sha256:0123456789abcdef": docker://r.test/acme/auth:v1@sha256:00: not found',
    'unable to retrieve auth token: invalid username/password: unauthorized: incorrect username or password',
    'Requesting bearer token: invalid status code from registry 403 (Forbidden)',
    'unauthorized: HTTP Basic: Access denied. The provided password or token is incorrect',
    'Head "http://127.0.0.1:5055/v2/acme/hello/manifests/v1": no basic auth credentials',
    'repository r.test/acme/token:v1 not found: name unknown',
    'secret "registry" not found',
    'authorization failed: no basic auth credentials',
    'failed to parse "X-Registry-Auth" header for /v1.41/images/create?fromImage=a: unexpected EOF',
  ])('leaves alone what is no secret: %s', (words) => {
    expect(redact(words)).toBe(words)
  })

  it('leaves the user, the host and the name of a parameter', () => {
    expect(redact('dial http://user:x@proxy.corp:3128: refused')).toBe('dial http://user:***@proxy.corp:3128: refused')
    expect(redact('Get "https://a.test/t?x=1&scope=b": EOF')).toBe('Get "https://a.test/t?x=***&scope=b": EOF')
  })
})
