import type Docker from 'dockerode'
import { kindOf } from '../../kind-of.js'

const methods = ['createImage', 'createContainer', 'createService', 'getService', 'info'] as const

/** @throws {TypeError} Unless it can be the caller's dockerode, which is an optional peer: it may not be installed. */
export function checkDocker(docker: unknown): asserts docker is Docker {
  if (typeof docker !== 'object' || docker === null) {
    throw new TypeError(`docker must be a Docker of dockerode (npm install dockerode), not ${kindOf(docker)}`)
  }
  const given = docker as Partial<Docker>
  if (!methods.some((method) => typeof given[method] === 'function')) {
    throw new TypeError('docker must be a Docker of dockerode: new Docker(options), not the options')
  }
}
