import { PullpassError } from '../errors.js'
import { printedAs } from '../masking.js'
import { DOCKER_HUB_API_HOST, DOCKER_HUB_AUTH_KEY, DOCKER_HUB_INDEX } from '../reference/docker-hub.js'
import { checkDockerConfig, type DockerConfig, goField, isObject } from './docker-config.js'
import { kubeletCredentials } from './entry.js'
import { parseKeyringKey } from './keyring-key.js'
import { shownKey } from './server-key.js'
import { matchPullSecrets } from './pull-secrets.js'

/** Something in a pull secret that does not work, or not as it looks. Printed without what a key may hide. */
export interface PullSecretFinding {
  /** The key in `auths` it is about, as it is written there. Absent when it is about the whole. */
  readonly key?: string
  /** What is wrong, in a sentence. */
  readonly problem: string
  /** What to do about it, in a sentence. */
  readonly remedy: string
}

/**
 * What a pull secret holds that kubelet cannot use: credential stores and helpers, tokens, entries that are broken or
 * empty, keys that never match. Such a secret is accepted by Kubernetes, and the pods cannot pull.
 *
 * @param config The content of the secret.
 * @param image When given, also whether any key matches it.
 * @returns Empty when there is nothing to say.
 * @throws {PullpassError} `ERR_IMAGE_REFERENCE` for an image name that is none.
 */
export function lintPullSecret(config: DockerConfig, image?: string): readonly PullSecretFinding[] {
  checkDockerConfig(config, 'config')
  const ofEntries = Object.entries(config.auths).flatMap(([key, entry]) =>
    [...lintEntry(entry, key), ...lintKey(key)].map((finding) => ofKey(key, finding)),
  )
  const isBroken = Object.keys(config.auths).some((key) => brokenEntry(config.auths[key], key) !== undefined)
  // With a broken entry kubelet matches nothing, which is reported already.
  return [...lintStores(config), ...ofEntries, ...(image === undefined || isBroken ? [] : lintMatch(config, image))]
}

type Finding = Omit<PullSecretFinding, 'key'>

/** A key may have user info in it, and the finding's own words never do. */
function ofKey(key: string, finding: Finding): PullSecretFinding {
  return printedAs({ key, ...finding }, () => ({ key: shownKey(key).slice(1, -1), ...finding }))
}

const WRITE_PASSWORD =
  'Make the secret with a user name and a password or access token: kubectl create secret docker-registry.'

function lintStores({ auths, credsStore, credHelpers }: DockerConfig): Finding[] {
  const findings: Finding[] = []
  if (credsStore !== undefined) {
    findings.push({
      problem: `credsStore ${JSON.stringify(credsStore)} names a program of the machine it comes from; kubelet does not run it.`,
      remedy: WRITE_PASSWORD,
    })
  }
  if (credHelpers !== undefined && Object.keys(credHelpers).length > 0) {
    const hosts = Object.keys(credHelpers).map(shownKey).join(', ')
    findings.push({
      problem: `credHelpers for ${hosts} name programs of the machine they come from; kubelet does not run them.`,
      remedy: WRITE_PASSWORD,
    })
  }
  if (Object.keys(auths).length === 0) findings.push({ problem: 'auths has no entries.', remedy: WRITE_PASSWORD })
  return findings
}

function lintEntry(entry: unknown, key: string): Finding[] {
  const broken = brokenEntry(entry, key)
  if (broken !== undefined) {
    const problem = `${broken.message}. kubelet refuses all pull secrets of a pod that has this one.`
    return [{ problem, remedy: WRITE_PASSWORD }]
  }
  const { username, password } = kubeletCredentials(entry, key)
  const tokens = ['identitytoken', 'registrytoken'].filter((field) => hasText(entry, field))
  const findings = tokens.map((field) => ({ problem: `${field} is not read by kubelet.`, remedy: WRITE_PASSWORD }))
  if (tokens.length === 0 && username === '' && password === '') {
    findings.push({
      problem: 'The entry is empty, which marks that docker login put the password into a credential store.',
      remedy: WRITE_PASSWORD,
    })
  } else if (tokens.length === 0 && (username === '' || password === '')) {
    findings.push({
      problem: `The entry has no ${username === '' ? 'user name' : 'password'}.`,
      remedy: WRITE_PASSWORD,
    })
  }
  return findings
}

/** Why no image, or hardly any, has a name that matches the key. */
function lintKey(key: string): Finding[] {
  const place = parseKeyringKey(key)
  if (place === undefined) {
    return [
      {
        problem: 'kubelet cannot read the key, or not as a host, and skips the entry.',
        remedy:
          'Write a host with an optional port in digits, such as registry.example.com:5000. Only a host can have *.',
      },
    ]
  }
  const { host, port, path } = place
  if (host === DOCKER_HUB_INDEX) return path === '' && port === '' ? [] : [HUB_WITH_PATH]
  if (host === '') return [{ problem: 'The key has no host.', remedy: 'Write the host of the registry.' }]
  if (host === DOCKER_HUB_API_HOST) return [HUB_API]
  if (/[@:]/.test(path)) return [neverMatches('Its path has a tag or a digest, which kubelet does not compare.', place)]
  if (path.includes('*')) return [neverMatches('In a path * stands for itself.', place)]
  if (!/^(?:\/|(?:\/[a-z0-9._-]+)+\/?)?$/.test(path)) {
    return [neverMatches(`No repository begins with ${JSON.stringify(path)}: lower-case words between slashes.`, place)]
  }
  if (path === '/v1' || path === '/v2') return [lacksSlash(path)]
  if (port === '' && /^[^.*A-Z]+$/.test(host) && host !== 'localhost') return [singleWord(host)]
  if (/[A-Z]/.test(host)) return [withCapitals(host)]
  return []
}

const HUB_WITH_PATH: Finding = {
  problem: `The key never matches: for Docker Hub kubelet knows ${DOCKER_HUB_INDEX} alone, or with /v1/ and its last slash.`,
  remedy: `Write ${DOCKER_HUB_AUTH_KEY}, or docker.io/NAMESPACE for a part of Docker Hub.`,
}

const HUB_API: Finding = {
  problem: `The key matches images that are named ${DOCKER_HUB_API_HOST}/... only, not those of docker.io.`,
  remedy: `Write ${DOCKER_HUB_AUTH_KEY}.`,
}

function neverMatches(why: string, { host, port }: { host: string; port: string }): Finding {
  return {
    problem: `The key never matches. ${why}`,
    remedy: `Write the host, ${shownKey(port === '' ? host : `${host}:${port}`)}, or the first parts of a repository behind it.`,
  }
}

function lacksSlash(path: string): Finding {
  return {
    problem: `Without a slash at the end, ${path} is taken for the beginning of a repository's name.`,
    remedy: `Write ${path}/, or leave it out.`,
  }
}

function singleWord(host: string): Finding {
  const shown = shownKey(host)
  return {
    problem: `The key never matches: in an image name ${shown}, without dot and port, is a user on Docker Hub.`,
    remedy: 'Write the full name of the host, or its port.',
  }
}

function withCapitals(host: string): Finding {
  return {
    problem: 'The key matches images that are written with the same capitals only.',
    remedy: `Write ${shownKey(host.toLowerCase())}, as image names do.`,
  }
}

function lintMatch(config: DockerConfig, image: string): Finding[] {
  const matches = matchPullSecrets([config], image)
  if (matches.some(({ credentials }) => credentials.username !== '' || credentials.password !== '')) return []
  const keys = Object.keys(config.auths).map(shownKey).join(', ')
  return [
    {
      problem:
        matches.length === 0
          ? `No key matches the image ${JSON.stringify(image)}${keys === '' ? '' : `; there are ${keys}`}.`
          : `What matches the image ${JSON.stringify(image)} has no user name and password.`,
      remedy: 'Add an entry whose key is the host of the image, or name another pull secret in the pod.',
    },
  ]
}

function brokenEntry(entry: unknown, key: string): PullpassError | undefined {
  try {
    kubeletCredentials(entry, key)
    return undefined
  } catch (error) {
    if (error instanceof PullpassError) return error
    throw error
  }
}

function hasText(entry: unknown, field: string): boolean {
  const value = isObject(entry) ? goField(entry, field) : undefined
  return typeof value === 'string' && value !== ''
}
