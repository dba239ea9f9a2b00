import { describe, expect, it } from 'vitest'
import { classifyPullFailure, pullFailureError } from '../../src/failures/index.js'

/** An error as docker-modem makes it of an answer. */
function answered(statusCode: number, message: string, json?: unknown): Error {
  return Object.assign(new Error(`(HTTP code ${statusCode}) unexpected - ${message}`), { statusCode, json })
}

describe('what Portainer refuses for itself', () => {
  it.each([
    [401, 'Check apiKey: '],
    [403, 'The user of this API key may not use the environment'],
    [404, 'Check environmentId: '],
    [502, "Look at Portainer's log, "],
  ])('with a status of %i is told from what an engine says, by its details', (status, hint) => {
    const failure = classifyPullFailure(answered(status, 'ignored', { message: 'Refused', details: 'for a reason' }))
    expect(failure).toMatchObject({
      code: 'ERR_PORTAINER',
      hint: expect.stringContaining(hint) as string,
      retryable: false,
    })
    expect(failure.message).toContain(`Portainer answered ${status}: Refused (for a reason)`)
  })

  it.each([
    'Invalid API key',
    'A valid authorization token is missing',
    'Permission denied to access environment',
    'Unable to find an environment with the specified identifier inside the database',
  ])('is known by its words where docker-modem drops the answer: %s', (words) => {
    const error = pullFailureError(answered(403, words))
    expect(error.code).toBe('ERR_PORTAINER')
    expect(error.message).toContain(`Portainer answered 403: ${words}`)
  })

  it.each([
    ['an engine has no details', answered(404, 'No such image: app:1', { message: 'No such image: app:1' })],
    ['nor has an empty answer', answered(500, 'toomanyrequests: slow down', {})],
    ['without a status it is no answer', Object.assign(new Error('invalid api key'), { json: { message: 'x' } })],
    ['an error without words says nothing', { statusCode: 401 }],
  ])('is not seen where it is not: %s', (_what, error) => {
    expect(classifyPullFailure(error).code).not.toBe('ERR_PORTAINER')
  })
})
