export { classifyPullFailure, type PullFailure } from './classify.js'
export { pullFailureError } from './pull-failure-error.js'
