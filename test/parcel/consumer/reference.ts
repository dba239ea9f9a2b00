import assert from 'node:assert/strict'
import { familiarImageReference, hasRegistry, type HasRegistryOptions, parseImageReference } from 'pullpass/reference'

const options: HasRegistryOptions = { rule: 'dot' }
assert.equal(hasRegistry('localhost:5000/app', options), false)
assert.equal(familiarImageReference(parseImageReference('docker.io/library/alpine')), 'alpine')
