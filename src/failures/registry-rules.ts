import type { Rule } from './rule.js'
import { all, answered, any, ends, not, part, type Said, says } from './text.js'

/** The words of containers/image, in Podman and CRI-O. */
const fromContainersImage = says(
  'initializing source docker://',
  'initializing image from source docker://',
  'reading manifest ',
  'pinging container registry ',
)

/** What a registry answers: who may pull, what there is, and whether it is whole. */
export const registryRules: readonly Rule[] = [
  [
    'ERR_PLATFORM_MISMATCH',
    says(
      'no matching manifest for ',
      'no image found in manifest list for architecture',
      'no image found in image index for architecture',
      'no match for platform in manifest',
      'does not match the specified platform',
      'does not provide the specified platform',
      'does not provide any platform',
      'cannot be used on this platform',
      'operating system is not supported',
      'cannot parse platform specifier',
      'unknown operating system or architecture',
    ),
  ],

  // Nothing was offered. Before 'pull access denied', which containerd puts in front of it.
  [
    'ERR_AUTHENTICATION_REQUIRED',
    any(
      says('no basic auth credentials', 'unauthenticated request', 'authentication is required'),
      // Azure's words, with the page that tells how to log in.
      says('aka.ms/acr/authorization'),
      // containerd asks for an anonymous token only when it has no credentials.
      all(says('failed to fetch anonymous token'), answered(401)),
    ),
  ],
  // Something was offered, and it is wrong. Before 'denied', which Amazon and GitLab say of it.
  [
    'ERR_UNAUTHORIZED',
    says(
      'incorrect username or password',
      'invalid username/password',
      'invalid username or password',
      'bad credentials',
      'wrong username',
      'authorization token has expired',
      'access token is expired',
      'access token has expired',
      'token is expired',
      'http basic: access denied',
      'cannot be authenticated',
      'invalid clientid or client secret',
      'could not find robot',
      'email must be verified',
      'authentication failed',
    ),
  ],
  [
    'ERR_ACCESS_DENIED',
    any(
      part('denied'),
      says(
        'pull access denied',
        'no pull access',
        'requested access to the resource is denied',
        'insufficient_scope',
        'access forbidden',
        'is not authorized to perform',
        // Harbor, Artifactory and Google call it unauthorized; it is about rights.
        'unauthorized to access repository',
        'does not have permission',
        'have the needed permissions',
        'permission_denied',
        'unknown: forbidden',
        'is not allowed access',
        'cannot be pulled due to configured policy',
      ),
    ),
  ],
  // Podman and CRI-O say this whether nothing or something wrong was offered; the words ask for authentication.
  ['ERR_AUTHENTICATION_REQUIRED', all(fromContainersImage, says('unauthorized: authentication required'))],
  ['ERR_UNAUTHORIZED', any(part('unauthorized'), answered(401))],
  ['ERR_AUTHENTICATION_REQUIRED', says('authentication required')],
  ['ERR_ACCESS_DENIED', answered(403)],

  [
    'ERR_CONTENT_CORRUPT',
    any(
      says(
        'verification failed for digest',
        'digest did not match',
        'unexpected commit digest',
        'does not match provided manifest digest',
        'corrupt input',
        'invalid tar header',
        'gzip: invalid',
        'magic number mismatch',
        'failed size validation',
        'wrong diff id',
        'mismatched image rootfs and manifest layers',
        "layers from manifest don't match image configuration",
        // containerd's own store, after a disk failed or the power went.
        'failed to get reader from content store',
      ),
      all(
        says('processing tar file', 'failed to extract layer', 'failed to register layer', 'applylayer'),
        says('unexpected eof'),
      ),
    ),
  ],

  [
    'ERR_REGISTRY_FAULT',
    says(
      // The manifest names what the registry has not: the name is right. containerd goes on with 'not found'.
      'unknown blob',
      'blob unknown',
      'could not fetch content descriptor',
      // A manifest of a kind that no engine runs, or that the registry itself refuses.
      'manifest invalid',
      'missing signature key',
      'unsupported schema version',
      'unsupported media type',
      'unsupported manifest',
      'unexpected media type',
    ),
  ],
  [
    'ERR_IMAGE_NOT_FOUND',
    any(
      says('manifest unknown', 'manifest_unknown', 'name unknown', 'name_unknown', 'manifest not found'),
      says('repository name not known', 'no such image', 'requested image not found'),
      all(says('artifact ', 'repository ', 'manifest for ', 'failed to resolve '), says(' not found')),
      all(says('failed to pull and unpack image '), ends(': not found')),
      isBareNotFound,
    ),
  ],

  // Told by a status: whatever has not been told by words above.
  ['ERR_IMAGE_NOT_FOUND', all(answered(404), not(says('pinging container registry', 'error parsing http')))],
  ['ERR_REGISTRY_FAULT', ({ status }) => status !== undefined && status >= 300],
  [
    'ERR_REGISTRY_FAULT',
    any(
      part('unavailable'),
      says(
        'registryunavailable',
        'because the registry is unavailable',
        // No registry's answer: a web page, or another server's JSON.
        'looking for beginning of value',
        'missing or empty content-type header',
        'error unmarshalling content',
        'unable to decode token response',
        'did not include a token',
        // A challenge or a redirect that leads nowhere.
        'no realm specified',
        'missing realm in',
        'unsupported protocol scheme',
        'stopped after 10 redirects',
      ),
    ),
  ],
]

/** Docker with containerd's image store: `docker.io/library/alpine:nosuch: not found`, and no more. */
function isBareNotFound({ text }: Said): boolean {
  const prefix = 'error response from daemon: '
  const words = text.startsWith(prefix) ? text.slice(prefix.length) : text
  if (!words.endsWith(': not found')) return false
  const name = words.slice(0, -': not found'.length)
  return name.includes('/') && !name.includes(' ')
}
