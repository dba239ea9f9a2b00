import { invalidReference, notAString } from './invalid.js'
import { scanReference } from './scan.js'
import type { ImageReference } from './types.js'

/**
 * Takes an image name apart, as Docker reads it: `alpine` is `library/alpine` on `docker.io`, `localhost:5000/app` is
 * `app` on `localhost:5000`, `index.docker.io` is `docker.io`. A tag and a digest are there only if they were written.
 * Linear in the length of `input`.
 *
 * Where the first part looks like a host and cannot be one, but can be part of a path (`my_reg.com/app`), it is read as
 * that and `registry` is empty, as the reference implementation has it; no engine can pull such an image.
 *
 * @throws {PullpassError} `ERR_IMAGE_REFERENCE`. The message has the rule that is broken, the part that breaks it and
 * its place (characters are counted from 1), the hint a name that would do where there is a plain one. What looks like
 * a password before an `@` is not repeated.
 * @see https://github.com/distribution/reference `ParseNormalizedNamed`
 */
export function parseImageReference(input: string): ImageReference {
  if (typeof input !== 'string') throw notAString(input)
  const result = scanReference(input)
  if (typeof result === 'number') throw invalidReference(input, result)
  return result
}
