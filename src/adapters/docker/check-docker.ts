import type Docker from 'dockerode'
import { kindOf } from '../../kind-of.js'

/** @throws {TypeError} Unless it can be the caller's dockerode, which is an optional peer: it may not be installed. */
export function checkDocker(docker: unknown): asserts docker is Docker {
  if (typeof docker === 'object' && docker !== null) return
  throw new TypeError(`docker must be a Docker of dockerode (npm install dockerode), not ${kindOf(docker)}`)
}
