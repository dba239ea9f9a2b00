import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { classifyPullFailure } from '../../src/failures/index.js'

interface Waiting {
  readonly reason?: string
  readonly message?: string
  readonly running?: boolean
}

interface Event {
  readonly reason: string
  readonly type: string
  readonly message: string
}

interface Record {
  readonly runtime: string
  readonly scenario: string
  readonly image: string
  readonly httpStatus: number | null
  readonly body: readonly { readonly message?: string; readonly error?: string; readonly status?: string }[] | null
  readonly waiting: readonly Waiting[] | null
  readonly events: readonly Event[] | null
  readonly note: string
}

const records = JSON.parse(
  readFileSync(new URL('../vectors/pull-failures.json', import.meta.url), 'utf8'),
) as readonly Record[]

type Runtime = 'docker' | 'podman' | 'containerd 2' | 'containerd 1.6'

function runtimeOf({ runtime }: Record): Runtime {
  if (runtime.startsWith('docker')) return 'docker'
  if (runtime.startsWith('podman')) return 'podman'
  return runtime.endsWith('1.6.20') ? 'containerd 1.6' : 'containerd 2'
}

const required = 'ERR_AUTHENTICATION_REQUIRED'
const unauthorized = 'ERR_UNAUTHORIZED'
const denied = 'ERR_ACCESS_DENIED'
const notFound = 'ERR_IMAGE_NOT_FOUND'
const lost = 'ERR_CONNECTION_LOST'
const refused = 'ERR_CONNECTION_REFUSED'
const fault = 'ERR_REGISTRY_FAULT'
const limited = 'ERR_RATE_LIMITED'
const corrupt = 'ERR_CONTENT_CORRUPT'
const platform = 'ERR_PLATFORM_MISMATCH'
const reference = 'ERR_IMAGE_REFERENCE'
const host = 'ERR_HOST_NOT_FOUND'
const unknown = 'ERR_UNKNOWN'

type Expected = string | ((record: Record) => string) | Partial<{ [runtime in Runtime]: string }>

const succeeds = ({ note }: Record): boolean => note.endsWith('the pull succeeds')

/**
 * What each scenario is. Where a runtime's words tell less than the scenario, or a runtime goes on where another fails,
 * the runtimes differ.
 */
const scenarios: { readonly [scenario: string]: Expected } = {
  'no-credentials': required,
  // Podman says the same of missing and of wrong credentials, in words that ask for authentication.
  'wrong-credentials': {
    docker: unauthorized,
    podman: required,
    'containerd 2': unauthorized,
    'containerd 1.6': unauthorized,
  },
  'unknown-user': unauthorized,
  // Docker 20.10 ignores a header that it cannot decode; Podman refuses it.
  'malformed-auth-header-not-base64': { docker: required, podman: 'ERR_CREDENTIALS' },
  'malformed-auth-header-not-json': { docker: required, podman: 'ERR_CREDENTIALS' },
  'malformed-auth-header-standard-base64': { docker: required, podman: 'ERR_CREDENTIALS' },
  'malformed-auth-header-unpadded-base64url': { docker: required, podman: 'ERR_CREDENTIALS' },
  'malformed-auth-header-json-array': required,
  'malformed-auth-header-json-null': required,
  'auth-header-empty-object': required,
  'auth-header-empty-string': required,
  'auth-header-docker-auth-field-only': required,
  'auth-header-identitytoken': required,
  'auth-header-registrytoken': unauthorized,
  'auth-header-base64url-no-padding-needed': unknown,
  'auth-header-padded-base64url': unknown,

  'tag-not-found': notFound,
  'repository-not-found': notFound,
  'digest-not-found': notFound,
  'token-then-name-unknown': notFound,
  'init-container-tag-not-found': notFound,
  'two-containers': notFound,
  // Docker pulls every tag, Podman `latest`, which is not there.
  'untagged-reference': { docker: unknown, podman: notFound },
  // A name that ends with a colon is a repository to Docker, which goes on and asks for its tags.
  'invalid-reference': ({ image, runtime }) =>
    image === '127.0.0.1:5055/acme/hello:' && runtime.startsWith('docker') ? required : reference,

  'connection-refused': refused,
  'blob-redirect-connection-refused': refused,
  'token-service-unreachable': refused,
  'present-locally-connection-refused': refused,
  'connection-reset': lost,
  'connection-closed': lost,
  'connection-reset-at-manifest': lost,
  'blob-truncated': (record) => (succeeds(record) ? unknown : lost),
  // Go's words do not tell that it was a proxy which closed the connection.
  'proxy-refuses-connect': lost,
  'dns-failure': host,
  'token-service-dns-failure': host,
  'dns-server-failure': host,
  'dns-timeout': host,
  // The runtime has not failed by the time of the recording.
  'timeout-at-manifest': unknown,
  'timeout-at-blob': unknown,
  'token-service-timeout': unknown,

  'tls-unknown-authority': 'ERR_CERTIFICATE_UNKNOWN_AUTHORITY',
  'tls-expired': 'ERR_CERTIFICATE_EXPIRED',
  'tls-wrong-host-name': 'ERR_CERTIFICATE_HOST_MISMATCH',
  'tls-client-certificate-required': 'ERR_TLS',
  'tls-old-version': 'ERR_TLS',
  'http-registry-addressed-as-https': 'ERR_PLAIN_HTTP_REGISTRY',
  // Docker and containerd verify no certificate of a loopback address; Podman does.
  'https-registry-addressed-as-http': (record) => (succeeds(record) ? unknown : 'ERR_CERTIFICATE_HOST_MISMATCH'),
  'proxy-authentication-required-407': 'ERR_PROXY_AUTHENTICATION_REQUIRED',

  'rate-limited-429': limited,
  'rate-limited-429-plain-text': limited,
  'rate-limited-429-at-ping': limited,
  'rate-limited-429-at-blob': limited,
  'hub-rate-limited-429': limited,
  'kubelet-pull-qps-exceeded': 'ERR_PULL_THROTTLED',

  'server-error-500': fault,
  'server-error-500-html': fault,
  'server-error-500-at-ping': fault,
  'server-error-500-at-blob': fault,
  'bad-gateway-502': fault,
  'service-unavailable-503': fault,
  'service-unavailable-503-at-ping': fault,
  'token-service-500': fault,
  'token-service-answers-html': fault,
  'not-a-registry-404': fault,
  'not-a-registry-200-html': fault,
  'unexpected-status-418': fault,
  'manifest-invalid-400': fault,
  'manifest-unsupported-type': fault,
  // The manifest is there, and names a layer that is not.
  'blob-not-found': fault,

  'blob-digest-mismatch': corrupt,
  'blob-corrupt': corrupt,
  'blob-unpack-failure': corrupt,
  'manifest-digest-mismatch': corrupt,

  'platform-mismatch-list': platform,
  'platform-invalid': (record) => (succeeds(record) ? unknown : platform),
  'platform-unknown-os': (record) => (succeeds(record) ? unknown : platform),
  // Pulled in spite of it, with a warning at most.
  'platform-mismatch-requested': unknown,
  'platform-mismatch-single': unknown,

  'denied-403': denied,
  'token-denied-403': denied,
  'token-then-denied-403': denied,
  'token-insufficient-scope': denied,
  'token-anonymous-private-repository': denied,
  'hub-access-denied': denied,
  'blob-forbidden-403': denied,
  'denied-403-expired-basic-token': unauthorized,
  'hub-wrong-credentials': unauthorized,
  'token-wrong-credentials': unauthorized,
  'unauthorized-401-at-manifest': unauthorized,
  // containerd tells that it asked for an anonymous token; Podman always speaks of username and password.
  'token-denied-401': ({ runtime, note }) =>
    runtime.startsWith('podman') || note.startsWith('with credentials') ? unauthorized : required,

  // The second record pulls with another secret, and fails for want of a command.
  'secret-does-not-exist': ({ note }) => (note.includes('the pull succeeds') ? unknown : 'ERR_PULL_SECRET_MISSING'),
  'secret-for-other-registry': required,
  'secret-type-opaque': required,
  'secret-without-docker-config': required,
  'always-present-no-credentials': required,
  // containerd 1.6 says the same of missing and of wrong credentials, in words that something was refused.
  'present-locally-no-credentials': { docker: required, podman: required, 'containerd 1.6': unauthorized },
  'present-locally-wrong-credentials': {
    docker: unauthorized,
    podman: required,
    'containerd 2': unauthorized,
    'containerd 1.6': unauthorized,
  },
  'never-pull': 'ERR_IMAGE_NEVER_PULL',
  'present-locally-never-pull-no-credentials': 'ERR_IMAGE_NEVER_PULL',

  'not-a-pull-failure-no-command': unknown,
  'not-a-pull-failure-missing-executable': unknown,
  'not-a-pull-failure-out-of-memory': unknown,
  'success-tls': unknown,
  'success-token': unknown,
  'success-hub': unknown,
  'success-fresh': unknown,
  'success-up-to-date': unknown,
  'success-new-tag-same-layers': unknown,
  'success-by-digest': unknown,
  'success-present': unknown,
  'success-always-present': unknown,
}

function expectedOf(record: Record): string | undefined {
  const expected = scenarios[record.scenario]
  if (typeof expected === 'function') return expected(record)
  return typeof expected === 'object' ? expected[runtimeOf(record)] : expected
}

/** The shapes in which a program meets what a record holds, beside the record itself. */
function shapesOf({ httpStatus, body, waiting, events }: Record): [name: string, input: unknown][] {
  const shapes: [string, unknown][] = []
  if (body !== null && httpStatus !== null) {
    const last = body.at(-1)
    shapes.push(['body', body], ['status and body', { httpStatus, body }])
    shapes.push(['text of the body', body.map((line) => JSON.stringify(line)).join('\n')])
    if (last) shapes.push(['last line', last])
    if (last?.error !== undefined) shapes.push(['words', last.error])
    if (last?.message !== undefined) {
      const message = `(HTTP code ${httpStatus}) server error - ${last.message} `
      const error = Object.assign(new Error(message), { statusCode: httpStatus, reason: 'server error', json: last })
      shapes.push(["dockerode's error", error], ['words', last.message], ["dockerode's words", message])
    }
  }
  if (waiting !== null && events !== null) shapes.push(['states and events', { waiting, events }])
  return shapes
}

describe('classifyPullFailure on every recorded pull', () => {
  it('has an expectation for every scenario', () => {
    expect(records.length).toBeGreaterThan(300)
    expect(records.filter((record) => expectedOf(record) === undefined)).toEqual([])
    expect(Object.keys(scenarios).sort()).toEqual([...new Set(records.map(({ scenario }) => scenario))].sort())
  })

  it.each(
    records.map((record, index) => [`${index} ${record.runtime} ${record.scenario} ${record.note}`, record] as const),
  )('%s', (_, record) => {
    const expected = expectedOf(record)
    const failure = classifyPullFailure(record)
    expect(failure.code).toBe(expected)
    expect(failure.hint === undefined).toBe(failure.code === 'ERR_UNKNOWN')
    for (const [shape, input] of shapesOf(record))
      expect([shape, classifyPullFailure(input).code]).toEqual([shape, expected])
  })

  it('tells from one waiting state, however it is wrapped, what the whole record tells', () => {
    let states = 0
    for (const record of records) {
      for (const waiting of record.waiting ?? []) {
        if (!['ErrImagePull', 'ImagePullBackOff'].includes(waiting.reason ?? '')) continue
        states += 1
        // A single state knows nothing of the secret that an event names.
        const expected = record.scenario === 'secret-does-not-exist' ? unauthorized : expectedOf(record)
        const inputs = [waiting, [waiting], { waiting }, { name: 'app', image: record.image, state: { waiting } }]
        const pod = { kind: 'Pod', status: { phase: 'Pending', containerStatuses: [{ state: { waiting } }] } }
        for (const input of [...inputs, pod, waiting.message]) expect(classifyPullFailure(input).code).toBe(expected)
      }
    }
    expect(states).toBeGreaterThan(100)
  })

  it('tells from the events alone, of either API, what the whole record tells', () => {
    let lists = 0
    for (const record of records) {
      const failing = record.events?.some(({ message }) => message.startsWith('Failed to pull'))
      if (!record.events || !failing) continue
      lists += 1
      const events = record.events.map(({ reason, type, message }) => ({ reason, type, note: message }))
      for (const input of [record.events, events, { kind: 'EventList', items: events }, { events }]) {
        expect(classifyPullFailure(input).code).toBe(expectedOf(record))
      }
      const single = record.events.find(({ message }) => message.startsWith('Failed to pull'))
      const expected = record.scenario === 'secret-does-not-exist' ? unauthorized : expectedOf(record)
      expect(classifyPullFailure(single).code).toBe(expected)
    }
    expect(lists).toBeGreaterThan(15)
  })

  it('keeps the words of the runtime in the message', () => {
    const [record] = records.filter(({ scenario }) => scenario === 'tls-unknown-authority')
    expect(classifyPullFailure(record).message).toBe(
      'The certificate is signed by an authority that is not trusted (registry.test:7101): ' +
        'Get "https://registry.test:7101/v2/": x509: certificate signed by unknown authority',
    )
  })

  it('retries what may pass, and nothing else', () => {
    const retryable = (scenario: string): unknown[] => [
      ...new Set(
        records.filter((record) => record.scenario === scenario).map((record) => classifyPullFailure(record).retryable),
      ),
    ]
    for (const scenario of ['connection-refused', 'connection-reset', 'dns-server-failure', 'dns-timeout']) {
      expect(retryable(scenario)).toEqual([true])
    }
    for (const scenario of ['rate-limited-429', 'bad-gateway-502', 'server-error-500', 'kubelet-pull-qps-exceeded']) {
      expect(retryable(scenario)).toEqual([true])
    }
    for (const scenario of ['no-credentials', 'wrong-credentials', 'denied-403', 'tag-not-found', 'dns-failure']) {
      expect(retryable(scenario)).toEqual([false])
    }
    for (const scenario of [
      'tls-expired',
      'not-a-registry-404',
      'unexpected-status-418',
      'blob-not-found',
      'success-tls',
    ]) {
      expect(retryable(scenario)).toEqual([false])
    }
  })
})
