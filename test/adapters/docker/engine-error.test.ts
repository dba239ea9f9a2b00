import { describe, expect, it } from 'vitest'
import { engineError, isForGood } from '../../../src/adapters/docker/engine-error.js'

const ofNode = (code: string, message = `connect ${code} 10.0.0.1:2376`): Error =>
  Object.assign(new Error(message), { code })

describe('an error on the way to the engine', () => {
  it.each([
    ['ENOENT', 'ERR_CONNECTION_REFUSED', 'DOCKER_HOST'],
    ['ECONNREFUSED', 'ERR_CONNECTION_REFUSED', 'DOCKER_HOST'],
    ['EACCES', 'ERR_CONNECTION_REFUSED', 'group of the socket'],
    ['ENOTFOUND', 'ERR_HOST_NOT_FOUND', 'DOCKER_HOST'],
    ['ETIMEDOUT', 'ERR_TIMEOUT', 'DOCKER_HOST'],
    ['ECONNRESET', 'ERR_CONNECTION_LOST', 'try again'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_CERTIFICATE_UNKNOWN_AUTHORITY', 'Check ca'],
    ['HPE_INVALID_CONSTANT', 'ERR_TLS', 'Check ca'],
  ])('%s is %s, and not about a registry', (code, expected, hint) => {
    const error = engineError(ofNode(code))
    expect(error.code).toBe(expected)
    expect(error.message).toMatch(/^The (engine cannot be reached|connection to the engine broke off): connect/)
    expect(error.hint).toContain(hint)
    expect(error.hint).not.toContain('certs.d')
  })

  it('has its code for words where it has none', () => {
    expect(engineError(ofNode('ECONNREFUSED', '')).message).toBe('The engine cannot be reached: ECONNREFUSED')
  })

  it('is not worth another attempt where somebody has to do something', () => {
    expect(isForGood(engineError(ofNode('ENOENT')))).toBe(true)
    expect(isForGood(engineError(ofNode('ECONNREFUSED')))).toBe(false)
    expect(isForGood(engineError(new Error('x')))).toBe(false)
  })
})
