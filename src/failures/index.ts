export { PullpassError, type PullpassErrorCode, type PullpassErrorOptions } from '../errors.js'
export { classifyPullFailure, type PullFailure } from './classify.js'
export { pullFailureError, type PullFailureErrorOptions } from './pull-failure-error.js'
