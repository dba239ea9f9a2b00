import assert from 'node:assert/strict'
import { classifyPullFailure, type PullFailure } from 'pullpass/failures'

const failure: PullFailure = classifyPullFailure('toomanyrequests: You have reached your pull rate limit.')
assert.equal(failure.code, 'ERR_RATE_LIMITED')
