import { describe, expect, it } from 'vitest'
import { deployError } from '../../../src/adapters/docker/deploy-error.js'
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

  it('has no line breaks of TLS behind its words', () => {
    expect(engineError(ofNode('EPROTO', 'write EPROTO wrong version number\n\n')).message).toMatch(/version number$/)
  })

  it('is not worth another attempt where somebody has to do something', () => {
    expect(isForGood(engineError(ofNode('ENOENT')))).toBe(true)
    expect(isForGood(engineError(ofNode('ECONNREFUSED')))).toBe(false)
    expect(isForGood(engineError(new Error('x')))).toBe(false)
  })
})

describe('an answer that no engine gives', () => {
  const registrys = Object.assign(new Error('(HTTP code 401) unexpected - [object Object] '), {
    statusCode: 401,
    json: { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] },
  })

  it.each([engineError(registrys), deployError(registrys, 'container of alpine')])('says so', (error) => {
    expect(error).toHaveProperty('code', 'ERR_UNKNOWN')
    expect(error.message).toBe('What answers is not a Docker engine: it says HTTP 401, and not what is wrong')
    expect(error).toHaveProperty('hint', expect.stringContaining('DOCKER_HOST'))
  })
})

describe('what an engine does not launch', () => {
  const ofEngine = (message: string): Error => Object.assign(new Error(message), { statusCode: 503, json: { message } })

  it.each([
    ['This node is not a swarm manager. Use "docker swarm init".', /manager of the swarm/],
    ['Minimum memory limit allowed is 6MB', /^Check the options against what the engine says\.$/],
  ])('%s', (words, hint) => {
    const error = deployError(ofEngine(words), 'service of alpine')
    expect(error).toMatchObject({
      code: 'ERR_DEPLOY',
      message: `The engine did not launch the service of alpine: ${words}`,
    })
    expect(error).toHaveProperty('hint', expect.stringMatching(hint))
  })
})
