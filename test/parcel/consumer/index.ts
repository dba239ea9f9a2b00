import assert from 'node:assert/strict'
import { type ImageReference, parseImageReference, PullpassError, type PullpassErrorCode, resolveImage } from 'pullpass'

const reference: ImageReference = parseImageReference('alpine:3.18')
assert.equal(reference.registry, 'docker.io')
const code: PullpassErrorCode = 'ERR_IMAGE_REFERENCE'
assert.throws(
  () => resolveImage('Not An Image'),
  (error) => error instanceof PullpassError && error.code === code,
)
