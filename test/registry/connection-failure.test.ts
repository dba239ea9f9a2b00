import { expect, it } from 'vitest'
import { PullpassError } from '../../src/errors.js'
import { connectionError } from '../../src/registry/connection-failure.js'

const registry = 'registry.example.com:5000'

it.each([
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify the first certificate', '/etc/docker/certs.d/REGISTRY/ca.crt'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'wrong version number', 'server = "http://REGISTRY"'],
])('the hint for %s names the registry, which the words do not', (code, words, place) => {
  const { hint } = connectionError(Object.assign(new Error(words), { code }), registry)
  expect(hint).toContain(place.replace('REGISTRY', registry))
  expect(hint).not.toContain('HOST')
})

it('an error of ours stays what it is', () => {
  const error = new PullpassError('ERR_REGISTRY_FAULT', 'no token', { hint: 'Look at HOST.' })
  expect(connectionError(error, registry)).toBe(error)
})
