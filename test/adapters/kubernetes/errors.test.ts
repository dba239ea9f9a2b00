import { inspect } from 'node:util'
import { ApiException, CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { describe, expect, it } from 'vitest'
import { apiError } from '../../../src/adapters/kubernetes/api-error.js'
import {
  attachToServiceAccount,
  checkPermissions,
  ensureImagePullSecret,
} from '../../../src/adapters/kubernetes/index.js'
import { PullpassError } from '../../../src/errors.js'
import { Failure } from '../../support/api-server/status.js'
import { PASSWORD, registry, retry, useApiServer } from './support.js'

const server = useApiServer()
const namespace = 'connectors'
const secret = 'secrets "opencti-registry-auth"'

async function errorOf(api: KubeConfig | CoreV1Api, options: object = {}): Promise<PullpassError> {
  const thrown: unknown = await ensureImagePullSecret(api, { namespace, registry, retry, ...options }).catch(
    (e: unknown) => e,
  )
  expect(thrown).toMatchObject({ name: 'PullpassError' })
  const error = thrown as PullpassError
  for (const canary of [
    PASSWORD,
    btoa(`myuser:${PASSWORD}`),
    btoa('{"auths"').slice(0, 10),
    'content-type',
    'Bearer',
  ]) {
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(canary)
    expect(`${error.message} ${error.hint ?? ''} ${error.stack ?? ''}`).not.toContain(canary)
  }
  expect(error.hint).toBeTruthy()
  return error
}

describe('errors of the API server', () => {
  it('forbidden: who may not do what', async () => {
    expect(await errorOf(server.current.kubeConfig('system:serviceaccount:default:nobody'))).toMatchObject({
      code: 'ERR_KUBERNETES_FORBIDDEN',
      message: `system:serviceaccount:default:nobody may not get ${secret} in namespace "connectors"`,
    })
  })

  it('unauthorized', async () => {
    expect(await errorOf(server.current.kubeConfig(undefined, 'wrong'))).toMatchObject({
      code: 'ERR_KUBERNETES_UNAUTHORIZED',
    })
    expect(server.current.requests.length).toBe(1)
  })

  it('not found: the namespace', async () => {
    expect(await errorOf(server.current.kubeConfig(), { namespace: 'nowhere' })).toMatchObject({
      code: 'ERR_KUBERNETES_NOT_FOUND',
      message:
        'namespace "nowhere" does not exist: cannot create secrets "opencti-registry-auth" in namespace "nowhere"',
    })
  })

  it('a namespace that is being deleted', async () => {
    server.current.terminate(namespace)
    expect(await errorOf(server.current.kubeConfig())).toMatchObject({
      code: 'ERR_KUBERNETES_NAMESPACE_TERMINATING',
      message: expect.stringContaining('namespace "connectors" is being deleted') as string,
    })
  })

  it.each([
    [422, 'Invalid', { causes: [{ reason: 'FieldValueTooLong', field: 'data', message: 'Too long' }] }],
    [413, 'RequestEntityTooLarge', {}],
  ])('too large: %i', async (code, reason, details) => {
    const failure = new Failure(code, reason, 'too large', details)
    server.current.fault = () => ({ kind: 'answer', failure })
    expect(await errorOf(server.current.kubeConfig())).toMatchObject({ code: 'ERR_KUBERNETES_TOO_LARGE' })
  })

  it('invalid, in the words of the server, whose repeating of what was sent is masked', async () => {
    server.current.fault = ({ method, body }) => {
      const { data } = (body === '' ? {} : JSON.parse(body)) as { data?: Record<string, string> }
      const base64 = data?.['.dockerconfigjson'] ?? ''
      const words = `you sent ${base64}, which is ${Buffer.from(base64, 'base64').toString()}, ${PASSWORD}!`
      return method === 'POST' ? { kind: 'answer', failure: new Failure(422, 'Invalid', words) } : undefined
    }
    expect(await errorOf(server.current.kubeConfig())).toMatchObject({
      code: 'ERR_KUBERNETES_INVALID',
      message: expect.stringContaining('you sent ***, which is ***, ***!') as string,
    })
  })

  it('too busy for long: after the retries, which wait as long as the server asks for', async () => {
    server.current.fault = () => ({ kind: 'busy', retryAfter: 0 })
    const options = { retry: { attempts: 3, delay: 1000 } }
    expect(await errorOf(server.current.kubeConfig(), options)).toMatchObject({ code: 'ERR_KUBERNETES_UNAVAILABLE' })
    expect(server.current.requests.length).toBe(4)
  })

  it('unreachable: after the retries', async () => {
    const kubeConfig = server.current.kubeConfig()
    await server.current.stop()
    const error = await errorOf(kubeConfig, { retry: { attempts: 1, delay: 0.01 } })
    expect(error).toMatchObject({ code: 'ERR_KUBERNETES_UNREACHABLE' })
    expect(error.message).toContain('ECONNREFUSED')
  })

  it('a certificate that is not trusted: at once', async () => {
    const kubeConfig = new KubeConfig()
    const cluster = { name: 'double', server: server.current.url, skipTLSVerify: false }
    kubeConfig.loadFromClusterAndUser(cluster, { name: 'user', token: server.current.token() })
    const error = await errorOf(kubeConfig, { retry: { attempts: 5, delay: 1000 } })
    expect(error).toMatchObject({ code: 'ERR_KUBERNETES_UNREACHABLE' })
    expect(error.message).toContain('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
  })

  it('a kubeconfig whose credentials cannot be had', async () => {
    const kubeConfig = server.current.kubeConfig()
    kubeConfig.addAuthenticator({
      isAuthProvider: () => true,
      applyAuthentication: () => Promise.reject(new Error('the plugin is broken')),
    })
    expect(await errorOf(kubeConfig)).toMatchObject({
      code: 'ERR_UNKNOWN',
      message: `cannot get ${secret} in namespace "connectors": the plugin is broken`,
    })
  })

  it('stops at once when it is told to', async () => {
    server.current.fault = () => ({ kind: 'hang' })
    const stop = new AbortController()
    const reason = new Error('enough')
    setTimeout(() => stop.abort(reason), 50)
    const running = ensureImagePullSecret(server.current.kubeConfig(), { namespace, registry, signal: stop.signal })
    await expect(running).rejects.toBe(reason)
  })

  it('does not begin when it is told to stop before', async () => {
    const options = { namespace, registry, signal: AbortSignal.abort() }
    await expect(ensureImagePullSecret(server.current.kubeConfig(), options)).rejects.toThrow('aborted')
    await expect(attachToServiceAccount(server.current.kubeConfig(), options)).rejects.toThrow('aborted')
    expect(server.current.requests).toEqual([])
  })

  it.each([
    [{ namespace: '' }, 'namespace'],
    [{ registry: undefined, credentials: undefined, namespace: undefined }, 'namespace'],
    [{ credentials: {} }, 'registry and credentials'],
    [{ strategy: 'replace' }, 'strategy'],
  ])('are not what wrong options end with: %o', async (options, message) => {
    const call = { namespace, registry, retry, ...options } as Parameters<typeof ensureImagePullSecret>[1]
    const thrown: unknown = await ensureImagePullSecret(server.current.kubeConfig(), call).catch((e: unknown) => e)
    expect(thrown).toBeInstanceOf(TypeError)
    expect((thrown as Error).message).toContain(message)
  })

  it('are not what a wrong api ends with', async () => {
    await expect(ensureImagePullSecret({} as CoreV1Api, { namespace, registry })).rejects.toThrow(
      'api must be a KubeConfig',
    )
  })
})

describe('apiError', () => {
  const target = { verb: 'get', resource: 'secrets', namespace, name: 'x' }
  const headers = { authorization: PASSWORD }

  it('understands answers that are no Status', () => {
    const html = new ApiException(502, 'm', `<html>${PASSWORD}</html>`, headers)
    expect(apiError(html, target)).toMatchObject({
      code: 'ERR_KUBERNETES_UNAVAILABLE',
      message: 'the Kubernetes API server cannot get secrets "x" in namespace "connectors" now: HTTP 502',
      mayPass: true,
    })
    const missing = new ApiException(404, 'm', undefined, headers)
    expect(apiError(missing, target).hint).toContain('server of the kubeconfig')
  })

  it('leaves to the proxy what is its fault', () => {
    const hint = 'Put username and password into its URL.'
    const cause = new PullpassError('ERR_PROXY_AUTHENTICATION_REQUIRED', 'the proxy asks for credentials', { hint })
    const message = 'cannot get secrets "x" in namespace "connectors": the proxy asks for credentials'
    const error = apiError(new TypeError('fetch failed', { cause }), target)
    expect(error).toMatchObject({ code: 'ERR_PROXY_AUTHENTICATION_REQUIRED', message, hint, mayPass: false })
  })

  it('masks the causes as well', () => {
    const causes = [{ reason: 'FieldValueInvalid', message: `"${PASSWORD}" is bad`, field: 'data' }]
    const body = JSON.stringify({ kind: 'Status', message: 'no', details: { causes } })
    const error = apiError(new ApiException(422, 'm', body, {}), target, [PASSWORD])
    expect(inspect(error, { depth: 9 })).not.toContain(PASSWORD)
  })

  it('reads a Retry-After that is a date', () => {
    const later = new Date(Date.now() + 90_000).toUTCString()
    const { retryAfter } = apiError(new ApiException(429, 'm', '', { 'retry-after': later }), target)
    expect(retryAfter).toBeGreaterThan(80)
    expect(retryAfter).toBeLessThanOrEqual(90)
    expect(apiError(new ApiException(429, 'm', '', { 'retry-after': 'soon' }), target).retryAfter).toBeUndefined()
  })

  it('repeats nothing of an answer that breaks off', () => {
    let thrown: unknown
    try {
      JSON.parse(`{"password":"${PASSWORD}`)
    } catch (error) {
      thrown = error
    }
    const error = apiError(thrown, target)
    expect(error).toMatchObject({ code: 'ERR_KUBERNETES_UNREACHABLE', mayPass: true })
    expect(inspect(error, { depth: 9 })).not.toContain(PASSWORD)
  })

  it('takes no more than a line of what a server says', () => {
    const message = `a\n${'b'.repeat(10_000)}`
    const error = apiError(new ApiException(400, 'm', JSON.stringify({ kind: 'Status', message }), {}), target)
    expect(error.message.length).toBeLessThan(700)
    expect(error.message).not.toContain('\n')
  })
})

describe('a KubeConfig that knows no cluster', () => {
  it('says what to call', async () => {
    const attempt = ensureImagePullSecret(new KubeConfig(), { namespace, registry, retry })
    await expect(attempt).rejects.toThrow(TypeError)
    await expect(attempt).rejects.toThrow(/no current cluster: call loadFromDefault/)
    await expect(checkPermissions(new KubeConfig(), { namespace, retry })).rejects.toThrow(/no current cluster/)
  })

  it('says that no kubeconfig was found, where client-node made one up', async () => {
    const madeUp = new KubeConfig()
    madeUp.loadFromClusterAndUser(
      { name: 'cluster', server: 'http://localhost:8080', skipTLSVerify: false },
      { name: 'user' },
    )
    const error = await errorOf(madeUp)
    expect(error.code).toBe('ERR_KUBERNETES_UNREACHABLE')
    expect(error.message).toMatch(/where no kubeconfig was found$/)
    expect(error.hint).toContain('KUBECONFIG')
  })
})
