import type { PullpassErrorCode } from '../errors.js'
import { registryRules } from './registry-rules.js'
import type { Rule } from './rule.js'
import { all, begins, said, type Said, says } from './text.js'
import { brokenOffRules, transportRules } from './transport-rules.js'

/** Creating, starting and probing a container fails with many words of a pull, and is none. */
const notAPull = says(
  'oci runtime',
  'failed to create shim',
  'failed to create containerd task',
  'failed to create task for container',
  'failed to generate container',
  'unable to start container process',
  'exec format error',
  'no command specified',
  'restarting failed container',
  'probe failed',
  'mountvolume.',
  'error while creating mount source path',
  'driver failed programming external connectivity',
  'port is already allocated',
)

/** What goes wrong before anything is asked of a registry. */
const localRules: readonly Rule[] = [
  ['ERR_IMAGE_NEVER_PULL', says('is not present with pull policy of never', 'errimageneverpull')],
  ['ERR_PULL_THROTTLED', says('pull qps exceeded')],
  ['ERR_PULL_SECRET_MISSING', says('unable to retrieve some image pull secrets', 'failedtoretrieveimagepullsecret')],
  // Podman, and Docker from 23, refuse a header that they cannot decode; Docker 20.10 goes on without.
  ['ERR_CREDENTIALS', says('x-registry-auth', 'error getting credentials', 'docker-credential-')],
  // kubelet decodes the secrets before it pulls, and passes the decoder's words on as they are.
  ['ERR_PULL_SECRET_INVALID', says('illegal base64 data', 'unable to parse auth field')],
  [
    'ERR_PULL_SECRET_INVALID',
    all(
      ({ kubelet }) => kubelet,
      begins('json: cannot unmarshal', 'unexpected end of json input', 'invalid character '),
    ),
  ],
  [
    'ERR_IMAGE_REFERENCE',
    says(
      'invalid reference format',
      'could not parse reference',
      "couldn't parse image ",
      'normalizing image: ',
      'invalidimagename',
      'repository name must ',
      'cannot specify 64-byte hexadecimal',
      'unsupported digest algorithm',
      'invalid checksum digest',
      'invalid tag format',
      // Podman and CRI-O want a registry in front, or a list of them to search.
      'did not resolve to an alias',
      'short-name resolution enforced',
      // Docker 20.10, asked for no image at all.
      'no host in request url',
      // The API server, of a pod or of what makes pods.
      '].image: invalid value',
      '].image: required value',
    ),
  ],
]

const rules: readonly Rule[] = [...localRules, ...transportRules, ...registryRules, ...brokenOffRules]

/** The words are of something else than a pull. */
export function isAnotherFailure(words: Said): boolean {
  return notAPull(words)
}

/** What the words say, or undefined where they do not tell. */
export function codeOfWords(words: Said): PullpassErrorCode | undefined {
  const beyond = beyondMirrors(words)
  return (beyond && firstRule(beyond)) ?? firstRule(words)
}

function firstRule(words: Said): PullpassErrorCode | undefined {
  return rules.find(([, holds]) => holds(words))?.[0]
}

/** containers/image puts what its mirrors said in brackets, before what the registry itself said. */
function beyondMirrors({ raw, kubelet }: Said): Said | undefined {
  if (!raw.includes('(Mirrors also failed: ')) return undefined
  const end = raw.lastIndexOf(']): ')
  return end < 0 ? undefined : said(raw.slice(end + ']): '.length), kubelet)
}
