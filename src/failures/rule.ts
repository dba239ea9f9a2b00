import type { PullpassErrorCode } from '../errors.js'
import type { Condition } from './text.js'

/** What words that meet a condition say. Rules are told in their order: the first that holds, so the special come first. */
export type Rule = readonly [code: PullpassErrorCode, condition: Condition]
