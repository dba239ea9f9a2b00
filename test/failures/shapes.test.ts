import { describe, expect, it } from 'vitest'
import { PullpassError } from '../../src/errors.js'
import { classifyPullFailure, pullFailureError } from '../../src/failures/index.js'

const codeOf = (input: unknown): string => classifyPullFailure(input).code

function nodeError(code: string, message = ''): Error {
  return Object.assign(new Error(message), { code })
}

describe('errors of Node and undici', () => {
  it.each([
    ['ECONNREFUSED', 'ERR_CONNECTION_REFUSED', true],
    ['EHOSTUNREACH', 'ERR_CONNECTION_REFUSED', true],
    ['ECONNRESET', 'ERR_CONNECTION_LOST', true],
    ['EPIPE', 'ERR_CONNECTION_LOST', true],
    ['ENOTFOUND', 'ERR_HOST_NOT_FOUND', false],
    ['EAI_AGAIN', 'ERR_HOST_NOT_FOUND', true],
    ['ETIMEDOUT', 'ERR_TIMEOUT', true],
    ['CERT_HAS_EXPIRED', 'ERR_CERTIFICATE_EXPIRED', false],
    ['CERT_NOT_YET_VALID', 'ERR_CERTIFICATE_EXPIRED', false],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_CERTIFICATE_UNKNOWN_AUTHORITY', false],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'ERR_CERTIFICATE_UNKNOWN_AUTHORITY', false],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ERR_CERTIFICATE_UNKNOWN_AUTHORITY', false],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'ERR_CERTIFICATE_UNKNOWN_AUTHORITY', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_CERTIFICATE_HOST_MISMATCH', false],
    ['CERT_REVOKED', 'ERR_TLS', false],
    ['EPROTO', 'ERR_TLS', false],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'ERR_TLS', false],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_PLAIN_HTTP_REGISTRY', false],
    ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'ERR_PLAIN_HTTP_REGISTRY', false],
    ['ENOSPC', 'ERR_NO_SPACE', false],
    ['HPE_INVALID_CONSTANT', 'ERR_REGISTRY_FAULT', false],
    ['UND_ERR_CONNECT_TIMEOUT', 'ERR_TIMEOUT', true],
    ['UND_ERR_HEADERS_TIMEOUT', 'ERR_TIMEOUT', true],
    ['UND_ERR_BODY_TIMEOUT', 'ERR_TIMEOUT', true],
    ['UND_ERR_SOCKET', 'ERR_CONNECTION_LOST', true],
    ['UND_ERR_PRX_CONN', 'ERR_PROXY', false],
    ['UND_ERR_SOCKS5_AUTH_FAILED', 'ERR_PROXY_AUTHENTICATION_REQUIRED', false],
    ['UND_ERR_SOCKS5_REPLY_5', 'ERR_PROXY', false],
    ['ENOENT', 'ERR_UNKNOWN', false],
    ['ABORT_ERR', 'ERR_UNKNOWN', false],
    ['UND_ERR_ABORTED', 'ERR_UNKNOWN', false],
    ['constructor', 'ERR_UNKNOWN', false],
  ])('%s is %s', (code, expected, retryable) => {
    for (const error of [nodeError(code), new TypeError('fetch failed', { cause: nodeError(code) }), { code }]) {
      expect(classifyPullFailure(error)).toMatchObject({ code: expected, retryable })
    }
  })

  it('looks into an AggregateError, whose own message is empty', () => {
    const error = Object.assign(
      new AggregateError([nodeError('ECONNREFUSED', 'connect ECONNREFUSED ::1:5000'), nodeError('ECONNREFUSED')], ''),
      { code: 'ECONNREFUSED' },
    )
    const failure = classifyPullFailure(new TypeError('fetch failed', { cause: error }))
    expect(failure.code).toBe('ERR_CONNECTION_REFUSED')
    expect(failure.message).toContain('fetch failed: connect ECONNREFUSED ::1:5000')
  })

  it('reads the words before the code: EPROTO is also how plain HTTP shows', () => {
    const words = 'write EPROTO 00:error:0A00010B:SSL routines:ssl3_get_record:wrong version number'
    expect(codeOf(nodeError('EPROTO', words))).toBe('ERR_PLAIN_HTTP_REGISTRY')
  })

  it('takes a timed-out signal for a timeout, and an aborted one for nothing', async () => {
    const signal = AbortSignal.timeout(0)
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    expect(codeOf(signal.reason)).toBe('ERR_TIMEOUT')
    expect(codeOf(AbortSignal.abort().reason)).toBe('ERR_UNKNOWN')
  })

  it.each([
    [401, 'ERR_UNAUTHORIZED', false],
    [403, 'ERR_ACCESS_DENIED', false],
    [404, 'ERR_IMAGE_NOT_FOUND', false],
    [429, 'ERR_RATE_LIMITED', true],
    [503, 'ERR_REGISTRY_FAULT', true],
  ])("reads the status of undici's response error: %i", (statusCode, code, retryable) => {
    const error = Object.assign(nodeError('UND_ERR_RESPONSE', 'Response Error'), { statusCode, headers: {}, body: '' })
    expect(classifyPullFailure(error)).toMatchObject({ code, retryable })
  })

  it("does not take an engine's own status for the registry's", () => {
    for (const statusCode of [401, 403, 404, 500, 503]) {
      expect(codeOf({ statusCode, reason: 'server error', json: { message: 'it broke' }, message: 'x' })).toBe(
        'ERR_UNKNOWN',
      )
    }
  })
})

describe('answers', () => {
  it.each([
    ['UNAUTHORIZED', 'authentication required', 'ERR_UNAUTHORIZED'],
    ['DENIED', 'requested access to the resource is denied', 'ERR_ACCESS_DENIED'],
    ['MANIFEST_UNKNOWN', 'manifest unknown', 'ERR_IMAGE_NOT_FOUND'],
    ['NAME_UNKNOWN', 'repository name not known to registry', 'ERR_IMAGE_NOT_FOUND'],
    ['TOOMANYREQUESTS', 'slow down', 'ERR_RATE_LIMITED'],
    ['BLOB_UNKNOWN', 'blob unknown to registry', 'ERR_REGISTRY_FAULT'],
  ])('reads the errors of a registry: %s', (code, message, expected) => {
    const body = { errors: [{ code, message, detail: null }] }
    const text = JSON.stringify(body)
    for (const input of [body, text, { statusCode: 400, body: text }, new TextEncoder().encode(text)]) {
      expect(codeOf(input)).toBe(expected)
    }
  })

  it("says an answer's words once, without the client's prefix", () => {
    const error = Object.assign(
      new Error('(HTTP code 404) no such image - manifest for a:1 not found: manifest unknown '),
      {
        statusCode: 404,
        reason: 'no such image',
        json: { message: 'manifest for a:1 not found: manifest unknown' },
      },
    )
    expect(classifyPullFailure(error).message).toBe(
      'The image or its tag does not exist there (a:1): manifest for a:1 not found: manifest unknown',
    )
  })

  it('reads a stream up to its last line, with or without a newline, as text or as bytes', () => {
    const lines = [{ status: 'Downloading', id: 'a', progressDetail: {} }, { errorDetail: { message: 'unknown blob' } }]
    const text = lines.map((line) => JSON.stringify(line)).join('\r\n')
    for (const input of [lines, text, `${text}\n`, new TextEncoder().encode(text)]) {
      expect(codeOf(input)).toBe('ERR_REGISTRY_FAULT')
    }
    expect(codeOf(lines.slice(0, 1))).toBe('ERR_UNKNOWN')
  })

  it("reads what an API server refuses, in client-node's error or on its own", () => {
    const status = {
      kind: 'Status',
      status: 'Failure',
      reason: 'Invalid',
      message: 'Deployment.apps "a" is invalid: spec.template.spec.containers[0].image: Required value',
    }
    const error = Object.assign(new Error('HTTP-Code: 422 Body: ...'), {
      code: 422,
      body: JSON.stringify(status),
      headers: {},
    })
    for (const input of [status, JSON.stringify(status), error]) expect(codeOf(input)).toBe('ERR_IMAGE_REFERENCE')
    expect(codeOf({ ...status, reason: 'Forbidden', message: 'secrets "a" is forbidden: 403 Forbidden' })).toBe(
      'ERR_UNKNOWN',
    )
  })

  it('reads why a task of a service was rejected', () => {
    expect(codeOf({ ID: 'x', Status: { State: 'rejected', Err: 'No such image: acme/app:1' } })).toBe(
      'ERR_IMAGE_NOT_FOUND',
    )
  })
})

describe('kubelet', () => {
  const event = (reason: string, message: string, more: object = {}): object => ({
    reason,
    message,
    type: 'Warning',
    ...more,
  })
  const missing = event(
    'FailedToRetrieveImagePullSecret',
    'Unable to retrieve some image pull secrets (nosuch); attempting to pull the image may not succeed.',
  )
  const failed = (words: string, more: object = {}): object =>
    event('Failed', `Failed to pull image "r.test/a:1": ${words}`, more)
  const pulled = event('Pulled', 'Successfully pulled image "r.test/a:1" in 1s')

  it.each([
    ['ErrImageNeverPull', 'ERR_IMAGE_NEVER_PULL'],
    ['InvalidImageName', 'ERR_IMAGE_REFERENCE'],
    ['RegistryUnavailable', 'ERR_REGISTRY_FAULT'],
    ['FailedToRetrieveImagePullSecret', 'ERR_PULL_SECRET_MISSING'],
    ['ErrImagePull', 'ERR_UNKNOWN'],
    ['ImagePullBackOff', 'ERR_UNKNOWN'],
  ])('tells %s by its reason alone', (reason, code) => {
    expect(codeOf({ reason })).toBe(code)
    expect(codeOf(event('Failed', `Error: ${reason}`))).toBe(code)
  })

  it.each([
    'illegal base64 data at input byte 0',
    'unable to parse auth field, must be formatted as base64(username:password)',
    "invalid character 'x' looking for beginning of value",
    'unexpected end of JSON input',
    'json: cannot unmarshal array into Go struct field DockerConfigJSON.auths of type credentialprovider.DockerConfig',
  ])('knows a pull secret that cannot be read by a reason that is a sentence: %s', (words) => {
    expect(codeOf({ reason: words, message: words })).toBe('ERR_PULL_SECRET_INVALID')
    expect(codeOf({ reason: words })).toBe('ERR_PULL_SECRET_INVALID')
    expect(codeOf(event('Failed', `Error: ${words}`))).toBe('ERR_PULL_SECRET_INVALID')
    expect(codeOf([event('Failed', `Error: ${words}`), event('BackOff', 'Back-off pulling image "a"')])).toBe(
      'ERR_PULL_SECRET_INVALID',
    )
  })

  it.each([
    ['CreateContainerConfigError', 'secret "app" not found'],
    ['CreateContainerConfigError', "couldn't find key password in Secret default/app"],
    ['CreateContainerError', 'write /var/lib/x: no space left on device'],
    ['RunContainerError', 'dial tcp 10.0.0.1:80: connect: connection refused'],
    ['CrashLoopBackOff', 'back-off 10s restarting failed container=app'],
    ['Evicted', 'The node had condition: [DiskPressure]. no space left on device'],
    ['Unhealthy', 'Readiness probe failed: dial tcp 10.0.0.1:80: connect: connection refused'],
    ['FailedMount', 'MountVolume.SetUp failed for volume "x" : context deadline exceeded'],
    ['FailedCreatePodSandBox', 'plugin type="calico" failed: connection is unauthorized: Unauthorized'],
    ['FailedScheduling', '0/3 nodes are available: toomanyrequests'],
    ['Failed', 'Error: failed to create containerd task: no space left on device'],
    ['Failed', 'Error: secret "app" not found'],
    ['BackOff', 'Back-off restarting failed container app: context deadline exceeded'],
    ['ContainerCreating', ''],
  ])('takes %s for what it is, no failed pull: %s', (reason, message) => {
    expect(codeOf({ reason, message })).toBe('ERR_UNKNOWN')
    expect(codeOf([event(reason, message)])).toBe('ERR_UNKNOWN')
  })

  it("tells why the sandbox's own image is not pulled", () => {
    const words =
      'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox image "registry.k8s.io/pause:3.9": ' +
      'failed to pull image "registry.k8s.io/pause:3.9": dial tcp 10.0.0.1:443: i/o timeout'
    expect(codeOf(event('FailedCreatePodSandBox', words))).toBe('ERR_TIMEOUT')
  })

  it('lets a missing secret explain why the registry refused', () => {
    const failure = classifyPullFailure([missing, failed('401 Unauthorized'), event('Failed', 'Error: ErrImagePull')])
    expect(failure.code).toBe('ERR_PULL_SECRET_MISSING')
    expect(failure.message).toContain('nosuch')
    expect(failure.message).toContain('401 Unauthorized')
  })

  it('does not blame a missing secret for something else, nor for a pull that succeeded without it', () => {
    expect(codeOf([missing, failed('dial tcp: lookup r.test: no such host')])).toBe('ERR_HOST_NOT_FOUND')
    expect(codeOf([missing, event('Pulling', 'Pulling image "r.test/a:1"'), pulled])).toBe('ERR_UNKNOWN')
    expect(codeOf([missing])).toBe('ERR_PULL_SECRET_MISSING')
  })

  it('lets the last telling failure decide, whatever order events with times come in', () => {
    const early = failed('manifest unknown', { lastTimestamp: '2026-01-01T00:00:00Z' })
    const late = failed('429 Too Many Requests', { lastTimestamp: new Date('2026-01-01T00:05:00Z') })
    const generic = event('BackOff', 'Back-off pulling image "r.test/a:1"', {
      eventTime: '2026-01-01T00:06:00.000000Z',
    })
    for (const events of [
      [early, late, generic],
      [generic, late, early],
      [late, generic, early],
    ]) {
      expect(codeOf(events)).toBe('ERR_RATE_LIMITED')
    }
    expect(codeOf([failed('429 Too Many Requests'), failed('manifest unknown')])).toBe('ERR_IMAGE_NOT_FOUND')
  })

  it('looks at every container of a pod', () => {
    const status = {
      initContainerStatuses: [{ name: 'init', state: { terminated: { exitCode: 0 } } }],
      containerStatuses: [
        { name: 'a', state: { running: {} } },
        { name: 'b', state: { waiting: { reason: 'ErrImagePull', message: 'rpc error: 401 Unauthorized' } } },
      ],
    }
    for (const input of [{ kind: 'Pod', status }, { items: [{ status }] }, status]) {
      expect(codeOf(input)).toBe('ERR_UNAUTHORIZED')
    }
  })
})

describe('errors of this library', () => {
  const own = new PullpassError('ERR_PLATFORM_MISMATCH', 'no image for linux/s390x', { hint: 'Build one.' })

  it('keep their code, message and hint, also inside another error', () => {
    const kept = {
      code: 'ERR_PLATFORM_MISMATCH',
      message: 'no image for linux/s390x',
      hint: 'Build one.',
      retryable: false,
    }
    expect(classifyPullFailure(own)).toEqual(kept)
    const wrapped = classifyPullFailure(new Error('deploying', { cause: own }))
    expect(wrapped).toMatchObject({ code: 'ERR_PLATFORM_MISMATCH', hint: 'Build one.' })
  })

  it('keep the lines of their message', () => {
    const message = 'registry.url: found 1, expected text\nproxy.http: found true, expected text'
    expect(classifyPullFailure(new PullpassError('ERR_SETTINGS', message))).toMatchObject({
      code: 'ERR_SETTINGS',
      message,
    })
  })

  it('get the hint of their code where they have none', () => {
    expect(classifyPullFailure(new PullpassError('ERR_NO_SPACE', 'full')).hint).toContain('Make room')
    expect(classifyPullFailure(new PullpassError('ERR_UNKNOWN', 'manifest unknown'))).toMatchObject({
      code: 'ERR_UNKNOWN',
      hint: undefined,
    })
  })

  it('are known from another copy of this package', () => {
    const copy = Object.assign(new Error('denied'), { name: 'PullpassError', code: 'ERR_CREDENTIALS' })
    expect(codeOf(copy)).toBe('ERR_CREDENTIALS')
    expect(codeOf(Object.assign(new Error('denied'), { name: 'PullpassError', code: 'toString' }))).toBe(
      'ERR_ACCESS_DENIED',
    )
  })

  it.each([
    ['Get "https://r.test/v2/": dial tcp: lookup r.test on 10.0.0.2:53: server misbehaving', true],
    ['Get "https://r.test/v2/": dial tcp: lookup r.test on 10.0.0.2:53: no such host', false],
    ['received unexpected HTTP status: 503 Service Unavailable', true],
    ['unknown blob', false],
    ['toomanyrequests', true],
  ])('are retryable when what they were made of is: %s', (words, retryable) => {
    const error = pullFailureError({ errorDetail: { message: words }, error: words })
    expect(classifyPullFailure(error).retryable).toBe(retryable)
    expect(classifyPullFailure(error).code).toBe(error.code)
  })

  it('are retryable by the code of what is behind them', () => {
    const error = new PullpassError('ERR_HOST_NOT_FOUND', 'no r.test', { cause: nodeError('EAI_AGAIN') })
    expect(classifyPullFailure(error).retryable).toBe(true)
  })
})

describe('pullFailureError', () => {
  it('is the failure as an error', () => {
    const input = { statusCode: 500, json: { message: 'toomanyrequests: slow down' }, message: '(HTTP code 500) x - y' }
    const { code, message, hint } = classifyPullFailure(input)
    const error = pullFailureError(input)
    expect(error).toBeInstanceOf(PullpassError)
    expect(error).toMatchObject({ code, message, hint })
    expect(error.cause).toBeUndefined()
  })

  it('is an error of this library itself', () => {
    const own = new PullpassError('ERR_NO_SPACE', 'full')
    expect(pullFailureError(own)).toBe(own)
  })

  it('has a cause with name and message of the error, and nothing else of it', () => {
    const error = Object.assign(new TypeError('connect ECONNREFUSED 10.0.0.1:1'), { request: { headers: {} } })
    const { cause } = pullFailureError(error)
    expect(cause).toBeInstanceOf(Error)
    expect(cause).not.toBe(error)
    expect(cause).toMatchObject({ name: 'TypeError', message: 'connect ECONNREFUSED 10.0.0.1:1' })
    expect(Object.keys(cause as object)).not.toContain('request')
  })

  it('says nothing of what was sent, in whichever form it comes back', () => {
    const secret = 'p ä/+?="ss word'
    const base64 = Buffer.from(secret).toString('base64')
    const forms = [secret, JSON.stringify(secret), encodeURIComponent(secret), base64, base64.replace(/=+$/, '')]
    for (const form of [...forms, Buffer.from(secret).toString('base64url')]) {
      const error = pullFailureError(new Error(`unauthorized: got ${form} from acme`), { secrets: [secret] })
      expect(error.message).toContain('from acme')
      expect(`${error.message} ${String(error.cause)}`).not.toContain(form)
    }
    const half = `unauthorized ${'x '.repeat(2044)}${secret}`
    expect(String(pullFailureError(new Error(half), { secrets: [secret] }).cause)).not.toContain('p ä')
    expect(pullFailureError(new Error('manifest unknown: v1'), { secrets: ['v1', ''] }).message).toContain('v1')
  })
})
