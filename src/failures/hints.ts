import type { PullpassErrorCode } from '../errors.js'

/** What is known about a failure beside its code. */
export interface About {
  /** Host (and port) that the words name. */
  readonly host?: string | undefined
  /** How long to wait, as the registry put it. */
  readonly wait?: string | undefined
  /** Whether it may pass by itself. */
  readonly retryable: boolean
}

interface Explanation {
  /** What is wrong, in one sentence without its full stop. */
  readonly says: string
  /** What to do about it; none where nobody can tell. */
  readonly hint?: string | ((about: About) => string)
}

/** Of what a pull can end with. Errors of other codes are this library's own, and bring their hints along. */
const explanations: Readonly<Partial<Record<PullpassErrorCode, Explanation>>> = {
  ERR_AUTHENTICATION_REQUIRED: {
    says: 'The registry asks for credentials, and was offered none that it could use',
    hint:
      'Give the username and password of this registry. If some were given, they did not get there: check that they ' +
      'are for exactly this host and port, and, in Kubernetes, that the pod names a secret of type ' +
      'kubernetes.io/dockerconfigjson in its own namespace. Podman says the same of wrong credentials.',
  },
  ERR_UNAUTHORIZED: {
    says: 'The registry does not accept the credentials',
    hint:
      'Check username and password with docker login against this registry; a token may have expired or been revoked ' +
      '(Amazon ECR: after 12 hours). Some registries say the same when nothing was offered.',
  },
  ERR_ACCESS_DENIED: {
    says: 'The registry does not allow this pull, or will not say whether the image exists',
    hint:
      'Check the spelling of the repository, that credentials are given for it, and that their account or token has the ' +
      'right to pull from it.',
  },
  ERR_IMAGE_NOT_FOUND: {
    says: 'The image or its tag does not exist there',
    hint:
      'Check repository, tag or digest against what the registry lists, and that the registry in front of the name is ' +
      'the one meant.',
  },
  ERR_IMAGE_REFERENCE: {
    says: 'The image name is not valid',
    hint: 'Write it as registry/repository:tag or @sha256:digest, the repository in lower case, without https:// in front.',
  },
  ERR_IMAGE_NEVER_PULL: {
    says: 'The image is not on the node, and its pull policy forbids to pull it',
    hint: 'Set imagePullPolicy to IfNotPresent or Always, or put the image on the node first.',
  },
  ERR_PLATFORM_MISMATCH: {
    says: 'The registry has no such image for this platform',
    hint: 'Ask for a platform that the image is built for, run it on such a node, or publish the image for this one too.',
  },
  ERR_CONNECTION_REFUSED: {
    says: 'The connection was refused',
    hint: 'Check host and port, that the server runs, and that no firewall or missing proxy setting is in the way.',
  },
  ERR_CONNECTION_LOST: {
    says: 'The connection broke off',
    hint: 'Try again. If it happens every time, look for a proxy, firewall or load balancer that closes connections.',
  },
  ERR_HOST_NOT_FOUND: {
    says: 'The host name could not be resolved',
    hint: ({ retryable }) =>
      retryable
        ? 'The name server failed or did not answer: try again, and check the DNS settings of the machine that pulls.'
        : 'Check the spelling of the host, and that the machine that pulls can resolve it (its own DNS, not yours).',
  },
  ERR_TIMEOUT: {
    says: 'There was no answer in time',
    hint:
      'Try again. If it stays so, check that the machine that pulls can reach the registry: firewall, proxy setting, ' +
      'no_proxy.',
  },
  ERR_CERTIFICATE_UNKNOWN_AUTHORITY: {
    says: 'The certificate is signed by an authority that is not trusted',
    hint: ({ host = 'HOST' }) =>
      `Add the CA that signed it, rather than switching verification off: /etc/docker/certs.d/${host}/ca.crt for ` +
      `Docker and Podman, a \`ca\` in /etc/containerd/certs.d/${host}/hosts.toml for containerd, https_proxy_ca in ` +
      'pullpass when an intercepting proxy signed it.',
  },
  ERR_CERTIFICATE_HOST_MISMATCH: {
    says: 'The certificate is for another host',
    hint:
      'Use a host name that the certificate is for, or have one issued that names this host (or IP address) as a ' +
      'subject alternative name. Adding a CA does not help.',
  },
  ERR_CERTIFICATE_EXPIRED: {
    says: 'The certificate has expired or is not valid yet',
    hint: 'Have the certificate renewed, and check the clock of the machine that pulls.',
  },
  ERR_TLS: {
    says: 'The TLS connection could not be set up',
    hint: ({ host = 'HOST' }) =>
      'Check that this port speaks HTTPS with TLS 1.2 or later. If a client certificate is required, put it at ' +
      `/etc/docker/certs.d/${host}/client.cert and client.key, or under \`client\` in ` +
      `/etc/containerd/certs.d/${host}/hosts.toml.`,
  },
  ERR_PLAIN_HTTP_REGISTRY: {
    says: 'The registry speaks plain HTTP where HTTPS was expected',
    hint: ({ host = 'HOST' }) =>
      'Check the port, and give the registry a certificate. Where plain HTTP is meant, the engine has to allow it: ' +
      `"insecure-registries": ["${host}"] in Docker's daemon.json, or server = "http://${host}" in ` +
      `/etc/containerd/certs.d/${host}/hosts.toml.`,
  },
  ERR_RATE_LIMITED: {
    says: 'The registry limits how much may be pulled',
    hint: ({ wait }) =>
      `${wait === undefined ? 'Wait, then try again' : `The registry asks to wait ${wait}; then try again`}. Pull with ` +
      'credentials for a higher limit, or through a mirror.',
  },
  ERR_PULL_THROTTLED: {
    says: 'The node starts no more pulls for now',
    hint: "It tries again by itself. If it happens often, raise registryPullQPS and registryBurst in kubelet's settings.",
  },
  ERR_REGISTRY_FAULT: {
    says: 'The registry failed, or what answered is no registry',
    hint: ({ retryable }) =>
      retryable
        ? "Try again later. If it stays so, look at the registry's log, or its status page."
        : 'Check that the address is that of a registry (its /v2/ answers) and not of a web page or a proxy, that the ' +
          "image is complete and of a kind that engines run; then look at the registry's log.",
  },
  ERR_CONTENT_CORRUPT: {
    says: 'What arrived is not what the image should hold',
    hint:
      'Pull again past caches and proxies. If it stays so, push the image again: the registry, or the store of the ' +
      'node, holds damaged data.',
  },
  ERR_NO_SPACE: {
    says: 'The disk is full',
    hint: 'Make room where images are stored on the machine that pulls, for instance with docker image prune or crictl rmi --prune.',
  },
  ERR_PROXY: {
    says: 'The proxy refused or failed to pass the connection on',
    hint: 'Check that the proxy allows this host and port, or add the host to no_proxy if it is reached directly.',
  },
  ERR_PROXY_AUTHENTICATION_REQUIRED: {
    says: 'The proxy asks for credentials, or does not accept them',
    hint: 'Put username and password of the proxy into its URL, percent-encoded, in the settings of whoever pulls.',
  },
  ERR_PROXY_UNREACHABLE: {
    says: 'The proxy cannot be reached',
    hint: "Check host, port and scheme of the proxy's URL, and that the proxy runs; or add the registry to no_proxy.",
  },
  ERR_PULL_SECRET_MISSING: {
    says: 'A pull secret that the pod names does not exist',
    hint:
      "Create the secret in the pod's own namespace, or correct its name in imagePullSecrets of the pod or of its " +
      'service account.',
  },
  ERR_PULL_SECRET_INVALID: {
    says: 'A pull secret cannot be read',
    hint:
      'Create it anew: under .dockerconfigjson it holds {"auths": {host: {username, password}}}, where `auth`, if there ' +
      'is one, is the base64 of username:password.',
  },
  ERR_CREDENTIALS: {
    says: 'The credentials could not be read',
    hint:
      'Check where they come from. X-Registry-Auth has to be padded base64url of JSON; a credential helper has to be ' +
      'installed and logged in.',
  },
  ERR_UNKNOWN: { says: 'What was said does not tell what is wrong' },
}

/** What a code means, in one sentence without its full stop. */
export function meaningOf(code: PullpassErrorCode): string {
  return explanations[code]?.says ?? 'Something else than a pull failed'
}

/** What to do about a failed pull; undefined for `ERR_UNKNOWN`. */
export function hintFor(code: PullpassErrorCode, about: About): string | undefined {
  const hint = explanations[code]?.hint
  return typeof hint === 'function' ? hint(about) : hint
}
