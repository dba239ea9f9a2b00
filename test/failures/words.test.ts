import { describe, expect, it } from 'vitest'
import { classifyPullFailure } from '../../src/failures/index.js'

type Row = readonly [words: string, code: string, retryable?: boolean]

/** Words of runtimes and registries that the recorded vectors do not hold. */
const rows: { readonly [who: string]: readonly Row[] } = {
  'Docker Engine 23 to 29': [
    ["pull access denied for acme/app, repository does not exist or may require 'docker login'", 'ERR_ACCESS_DENIED'],
    ['invalid X-Registry-Auth header: illegal base64 data at input byte 4', 'ERR_CREDENTIALS'],
    ['manifest for alpine:nosuch not found: manifest unknown: manifest unknown', 'ERR_IMAGE_NOT_FOUND'],
    ['docker.io/library/alpine:nosuch: not found', 'ERR_IMAGE_NOT_FOUND'],
    [
      'failed to resolve reference "docker.io/library/alpine:nosuch": docker.io/library/alpine:nosuch: not found',
      'ERR_IMAGE_NOT_FOUND',
    ],
    [
      'failed to resolve reference "docker.io/acme/app:1": pull access denied, repository does not exist or may require ' +
        'authorization: server message: insufficient_scope: authorization failed',
      'ERR_ACCESS_DENIED',
    ],
    ['error from registry: denied', 'ERR_ACCESS_DENIED'],
    ['error from registry: denied\ndenied', 'ERR_ACCESS_DENIED'],
    [
      'error from registry: unauthorized\nunexpected status from HEAD request to https://ghcr.io/v2/acme/app/manifests/1: 403 Forbidden',
      'ERR_UNAUTHORIZED',
    ],
    ['error from registry: incorrect username or password', 'ERR_UNAUTHORIZED'],
    [
      'error from registry: failed to resolve reference "docker.io/acme/app:1": failed to authorize: failed to fetch oauth ' +
        'token: unexpected status from GET request to https://auth.docker.io/token?service=registry.docker.io: 401 Unauthorized',
      'ERR_UNAUTHORIZED',
    ],
    [
      'error from registry: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit',
      'ERR_RATE_LIMITED',
      true,
    ],
    [
      'unknown: failed to resolve reference "docker.io/library/alpine:latest": unexpected status from HEAD request to ' +
        'https://registry-1.docker.io/v2/library/alpine/manifests/latest: 403 Forbidden',
      'ERR_ACCESS_DENIED',
    ],
    ['no matching manifest for linux/arm64/v8 in the manifest list entries', 'ERR_PLATFORM_MISMATCH'],
    [
      'image with reference acme/app:1 was found but does not provide the specified platform (linux/arm64)',
      'ERR_PLATFORM_MISMATCH',
    ],
    ['image operating system "windows" cannot be used on this platform', 'ERR_PLATFORM_MISMATCH'],
    ['failed to register layer: no space left on device', 'ERR_NO_SPACE'],
    ['failed to register layer: Error processing tar file(exit status 1): unexpected EOF', 'ERR_CONTENT_CORRUPT'],
    ['failed to register layer: archive/tar: invalid tar header', 'ERR_CONTENT_CORRUPT'],
    ['failed to register layer: ApplyLayer exit status 1 stdout:  stderr: unexpected EOF', 'ERR_CONTENT_CORRUPT'],
    ['error pulling image configuration: download failed after attempts=1: unknown blob', 'ERR_REGISTRY_FAULT', false],
    [
      'error pulling image configuration: download failed after attempts=6: dial tcp 104.18.1.1:443: i/o timeout',
      'ERR_TIMEOUT',
      true,
    ],
    ['write /var/lib/docker/tmp/GetImageBlob653997452: no space left on device', 'ERR_NO_SPACE'],
    ['unsupported media type application/vnd.cncf.helm.config.v1+json', 'ERR_REGISTRY_FAULT', false],
    ['No such image: registry.example.com/acme/app:1', 'ERR_IMAGE_NOT_FOUND'],
    ['missing or empty Content-Type header', 'ERR_REGISTRY_FAULT'],
    ['no Content-Range header found in HTTP 206 response', 'ERR_CONNECTION_LOST', true],
    ['failed to do request: Head "https://r.test/v2/a/manifests/1": EOF', 'ERR_CONNECTION_LOST', true],
    ['Get "https://registry-1.docker.io/v2/": EOF', 'ERR_CONNECTION_LOST', true],
    [
      'Get "https://registry-1.docker.io/v2/": net/http: request canceled while waiting for connection (Client.Timeout ' +
        'exceeded while awaiting headers)',
      'ERR_TIMEOUT',
      true,
    ],
    ['Get "https://registry-1.docker.io/v2/": net/http: TLS handshake timeout', 'ERR_TIMEOUT', true],
    ['Get "https://registry-1.docker.io/v2/": context deadline exceeded', 'ERR_TIMEOUT', true],
    ['Get "https://r.test/v2/": dial tcp 10.0.0.9:443: connect: no route to host', 'ERR_CONNECTION_REFUSED', true],
    [
      'Get "https://r.test/v2/": dial tcp: lookup r.test: Temporary failure in name resolution',
      'ERR_HOST_NOT_FOUND',
      true,
    ],
    [
      'Get "https://r.test/v2/": dial tcp: lookup r.test on 127.0.0.53:53: read udp 127.0.0.1:4->127.0.0.53:53: read: ' +
        'connection refused',
      'ERR_HOST_NOT_FOUND',
      true,
    ],
    ['Get "https://r.test/v2/": dial tcp: lookup r.test on 10.0.0.2:53: no such host', 'ERR_HOST_NOT_FOUND', false],
    [
      'error getting credentials - err: exec: "docker-credential-desktop": executable file not found',
      'ERR_CREDENTIALS',
    ],
    ['Get "https://r.test/v2/": stopped after 10 redirects', 'ERR_REGISTRY_FAULT', false],
  ],
  'proxies of an engine': [
    ['Get "https://r.test/v2/": Proxy Authentication Required', 'ERR_PROXY_AUTHENTICATION_REQUIRED', false],
    ['Get "https://r.test/v2/": Forbidden', 'ERR_PROXY', false],
    ['failed to do request: Head "https://r.test/v2/a/manifests/1": Service Unavailable', 'ERR_PROXY', true],
    ['Get "https://r.test/v2/": Bad Gateway', 'ERR_PROXY', true],
    // A token service that says no is no proxy: its words are in lower case.
    ['Head "https://r.test/v2/a/manifests/1": denied', 'ERR_ACCESS_DENIED'],
    ['Head "https://r.test/v2/a/manifests/1": unauthorized', 'ERR_UNAUTHORIZED'],
    [
      'Get "https://r.test/v2/": proxyconnect tcp: dial tcp 127.0.0.1:8080: connect: connection refused',
      'ERR_PROXY_UNREACHABLE',
      true,
    ],
    [
      'Get "https://r.test/v2/": proxyconnect tcp: dial tcp: lookup proxy.corp on 10.0.0.2:53: no such host',
      'ERR_PROXY_UNREACHABLE',
      false,
    ],
    ['Get "https://r.test/v2/": proxyconnect tcp: dial tcp 10.0.0.1:3128: i/o timeout', 'ERR_PROXY_UNREACHABLE', true],
    ['Get "https://r.test/v2/": proxyconnect tcp: EOF', 'ERR_PROXY', false],
    ['proxyconnect tcp: tls: first record does not look like a TLS handshake', 'ERR_PROXY', false],
    [
      'proxyconnect tcp: tls: failed to verify certificate: x509: certificate signed by unknown authority',
      'ERR_CERTIFICATE_UNKNOWN_AUTHORITY',
    ],
    [
      'socks connect tcp 10.0.0.1:1080->r.test:443: dial tcp 10.0.0.1:1080: connect: connection refused',
      'ERR_PROXY_UNREACHABLE',
      true,
    ],
    ['socks connect tcp 10.0.0.1:1080->r.test:443: unknown error host unreachable', 'ERR_PROXY', false],
    [
      'socks connect tcp 10.0.0.1:1080->r.test:443: username/password authentication failed',
      'ERR_PROXY_AUTHENTICATION_REQUIRED',
    ],
  ],
  certificates: [
    ['x509: certificate relies on legacy Common Name field, use SANs instead', 'ERR_CERTIFICATE_HOST_MISMATCH'],
    ['x509: certificate is not valid for any names, but wanted to match r.test', 'ERR_CERTIFICATE_HOST_MISMATCH'],
    ['x509: “r.test” certificate is not trusted', 'ERR_CERTIFICATE_UNKNOWN_AUTHORITY'],
    ['x509: “r.test” certificate is expired', 'ERR_CERTIFICATE_EXPIRED'],
    [
      'x509: certificate signed by unknown authority (possibly because of "crypto/rsa: verification error" while trying ' +
        'to verify candidate authority certificate "Corp")',
      'ERR_CERTIFICATE_UNKNOWN_AUTHORITY',
    ],
    ['Get "https://r.test/v2/": remote error: tls: handshake failure', 'ERR_TLS'],
    ['Get "https://r.test/v2/": remote error: tls: bad certificate', 'ERR_TLS'],
    ['Get "https://r.test/v2/": tls: server selected unsupported protocol version 302', 'ERR_TLS'],
    ['Get "https://r.test/v2/": tls: oversized record received with length 20527', 'ERR_PLAIN_HTTP_REGISTRY'],
    [
      "error parsing HTTP 400 response body: invalid character 'C' looking for beginning of value: \"Client sent an HTTP " +
        'request to an HTTPS server.\\n"',
      'ERR_TLS',
    ],
  ],
  'containerd 1.6 to 2': [
    ['failed to fetch anonymous token: unexpected status: 401 Unauthorized', 'ERR_AUTHENTICATION_REQUIRED'],
    ['failed to fetch oauth token: unexpected status: 401 Unauthorized', 'ERR_UNAUTHORIZED'],
    ['failed to authorize: failed to fetch anonymous token: unexpected status: 403 Forbidden', 'ERR_ACCESS_DENIED'],
    [
      'failed to pull and unpack image "r.test/a:1": failed to copy: httpReadSeeker: failed open: unexpected status code ' +
        'https://r.test/v2/a/blobs/sha256:00?ns=docker.io: 503 Service Unavailable',
      'ERR_REGISTRY_FAULT',
      true,
    ],
    [
      'failed to resolve reference "r.test/a:404": pulling from host r.test failed with status code [manifests 404]: 500 ' +
        'Internal Server Error',
      'ERR_REGISTRY_FAULT',
      true,
    ],
    [
      'failed to pull and unpack image "r.test/a:1": failed to unpack image on snapshotter overlayfs: mismatched image ' +
        'rootfs and manifest layers',
      'ERR_CONTENT_CORRUPT',
    ],
    [
      'failed to pull and unpack image "r.test/a:1": failed to unpack image on snapshotter overlayfs: unexpected media ' +
        'type application/vnd.oci.empty.v1+json for sha256:00: not found',
      'ERR_REGISTRY_FAULT',
      false,
    ],
    [
      'failed to pull and unpack image "r.test/a:1": failed to extract layer sha256:00: failed to get reader from content ' +
        'store: blob sha256:00 expected at /var/lib/containerd/blobs/sha256/00: blob not found: not found',
      'ERR_CONTENT_CORRUPT',
    ],
    [
      'failed to pull and unpack image "r.test/a:1": failed to extract layer sha256:00: mount callback failed on ' +
        '/tmp/m: write /tmp/m/usr/x: no space left on device: unknown',
      'ERR_NO_SPACE',
    ],
    [
      'rpc error: code = Canceled desc = failed to pull and unpack image "r.test/a:1": failed to copy: context canceled',
      'ERR_TIMEOUT',
      true,
    ],
    [
      'failed to copy: read tcp 10.0.0.1:1->10.0.0.2:443: use of closed network connection',
      'ERR_CONNECTION_LOST',
      true,
    ],
    [
      'failed to copy: httpReadSeeker: failed open: http2: server sent GOAWAY and closed the connection',
      'ERR_CONNECTION_LOST',
      true,
    ],
  ],
  'CRI-O and Podman 5': [
    [
      'Error reading manifest v1 in quay.io/acme/app: unauthorized: access to the requested resource is not authorized',
      'ERR_UNAUTHORIZED',
    ],
    [
      'unable to copy from source docker://r.test/a:1: initializing source docker://r.test/a:1: reading manifest 1 in ' +
        'r.test/a: unauthorized: authentication required',
      'ERR_AUTHENTICATION_REQUIRED',
    ],
    [
      'unable to retrieve auth token: invalid username/password: unauthorized: Please login to the Red Hat Registry',
      'ERR_UNAUTHORIZED',
    ],
    [
      'choosing an image from manifest list docker://r.test/a:1: no image found in image index for architecture "arm64", ' +
        'variant "v8", OS "linux"',
      'ERR_PLATFORM_MISMATCH',
    ],
    [
      'short-name "acme/app" did not resolve to an alias and no unqualified-search registries are defined in ' +
        '"/etc/containers/registries.conf"',
      'ERR_IMAGE_REFERENCE',
    ],
    [
      '(Mirrors also failed: [mirror.test:5000/a:1: pinging container registry mirror.test:5000: Get ' +
        '"http://mirror.test:5000/v2/": dial tcp 10.0.0.1:5000: connect: connection refused]): r.test/a:1: reading ' +
        'manifest 1 in r.test/a: manifest unknown',
      'ERR_IMAGE_NOT_FOUND',
    ],
    [
      '(Mirrors also failed: [mirror.test/a:1: reading manifest 1 in mirror.test/a: manifest unknown]): r.test/a:1: ' +
        'registry r.test is blocked in /etc/containers/registries.conf',
      'ERR_IMAGE_NOT_FOUND',
    ],
    ['initializing source docker://r.test/a:1: Missing realm in bearer auth challenge', 'ERR_REGISTRY_FAULT', false],
  ],
  'Docker Hub': [
    ['toomanyrequests: You have reached your pull rate limit.', 'ERR_RATE_LIMITED', true],
    ['unauthorized: personal access token is expired', 'ERR_UNAUTHORIZED'],
    ['unauthorized: your account must log in with a Personal Access Token (PAT)', 'ERR_UNAUTHORIZED'],
    ['denied: requested access to the resource is denied', 'ERR_ACCESS_DENIED'],
  ],
  Harbor: [
    [
      'unauthorized: unauthorized to access repository: acme/app, action: pull: unauthorized to access repository: ' +
        'acme/app, action: pull',
      'ERR_ACCESS_DENIED',
    ],
    ['unknown: artifact acme/app:9 not found', 'ERR_IMAGE_NOT_FOUND'],
    ['unknown: repository acme/nosuch not found', 'ERR_IMAGE_NOT_FOUND'],
    [
      "unknown: current image with 12 vulnerabilities cannot be pulled due to configured policy in 'Prevent'",
      'ERR_ACCESS_DENIED',
    ],
    ['unknown: http status code: 502', 'ERR_REGISTRY_FAULT', true],
  ],
  'GitHub (ghcr.io)': [
    ['Head "https://ghcr.io/v2/acme/app/manifests/1": denied: denied', 'ERR_ACCESS_DENIED'],
    ['denied: permission_denied: The token provided does not match expected scopes.', 'ERR_ACCESS_DENIED'],
    ['unauthorized: unauthenticated: User cannot be authenticated with the token provided.', 'ERR_UNAUTHORIZED'],
    ['toomanyrequests: retry-after: 148.213µs, allowed: 44000/minute', 'ERR_RATE_LIMITED', true],
  ],
  'Amazon ECR': [
    [
      'Head "https://1.dkr.ecr.eu-west-1.amazonaws.com/v2/a/manifests/1": no basic auth credentials',
      'ERR_AUTHENTICATION_REQUIRED',
    ],
    [
      "pull access denied for a, repository does not exist or may require 'docker login': denied: Your authorization token has " +
        'expired. Reauthenticate and try again.',
      'ERR_UNAUTHORIZED',
    ],
    [
      'denied: User: arn:aws:iam::1:user/x is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:x',
      'ERR_ACCESS_DENIED',
    ],
    ["name unknown: The repository with name 'a' does not exist in the registry with id '1'", 'ERR_IMAGE_NOT_FOUND'],
    ['manifest unknown: Requested image not found', 'ERR_IMAGE_NOT_FOUND'],
    ['toomanyrequests: Rate exceeded', 'ERR_RATE_LIMITED', true],
    ['toomanyrequests: Data limit exceeded', 'ERR_RATE_LIMITED', true],
  ],
  'Azure (ACR)': [
    [
      'Head "https://a.azurecr.io/v2/b/manifests/1": unauthorized: authentication required, visit ' +
        'https://aka.ms/acr/authorization for more information.',
      'ERR_AUTHENTICATION_REQUIRED',
    ],
    ['unauthorized: Invalid clientid or client secret.', 'ERR_UNAUTHORIZED'],
    ["denied: client with IP '1.2.3.4' is not allowed access. Refer https://aka.ms/acr/firewall", 'ERR_ACCESS_DENIED'],
  ],
  'Google (GAR, GCR)': [
    [
      'denied: Unauthenticated request. Unauthenticated requests do not have permission ' +
        '"artifactregistry.repositories.downloadArtifacts" on resource "projects/p" (or it may not exist)',
      'ERR_AUTHENTICATION_REQUIRED',
    ],
    [
      'denied: Permission "artifactregistry.repositories.downloadArtifacts" denied on resource "projects/p" (or it may not exist)',
      'ERR_ACCESS_DENIED',
    ],
    [
      "unauthorized: You don't have the needed permissions to perform this operation, and you may have invalid credentials.",
      'ERR_ACCESS_DENIED',
    ],
    ['unauthorized: authentication failed', 'ERR_UNAUTHORIZED'],
    ['name unknown: Repository "r" not found', 'ERR_IMAGE_NOT_FOUND'],
    ["Quota exceeded for quota metric 'Requests' and limit 'Requests per minute'", 'ERR_RATE_LIMITED', true],
  ],
  GitLab: [
    ['Head "https://registry.gitlab.com/v2/a/b/manifests/1": denied: access forbidden', 'ERR_ACCESS_DENIED'],
    [
      'unauthorized: HTTP Basic: Access denied. If a password was provided for Git authentication, the password was incorrect',
      'ERR_UNAUTHORIZED',
    ],
  ],
  Quay: [
    ['unauthorized: access to the requested resource is not authorized', 'ERR_UNAUTHORIZED'],
    ['unauthorized: Invalid Username or Password', 'ERR_UNAUTHORIZED'],
    ['unauthorized: Could not find robot with specified username', 'ERR_UNAUTHORIZED'],
    [
      'manifest unknown: Tag nosuch was deleted or has expired. To pull, revive via time machine',
      'ERR_IMAGE_NOT_FOUND',
    ],
  ],
  'Artifactory and Nexus': [
    ['unauthorized: The client does not have permission for manifest', 'ERR_ACCESS_DENIED'],
    ['manifest unknown: The named manifest is not known to the registry.', 'ERR_IMAGE_NOT_FOUND'],
    ['unknown: Authentication is required', 'ERR_AUTHENTICATION_REQUIRED'],
    ['unknown: Wrong username was used', 'ERR_UNAUTHORIZED'],
    ['unknown: Forbidden', 'ERR_ACCESS_DENIED'],
    [
      "error parsing HTTP 403 response body: invalid character '<' looking for beginning of value: \"<html>\\r\\n<title>403 " +
        'Forbidden</title>"',
      'ERR_ACCESS_DENIED',
    ],
  ],
  Node: [
    ['connect ECONNREFUSED 127.0.0.1:5000', 'ERR_CONNECTION_REFUSED', true],
    ['getaddrinfo ENOTFOUND registry.invalid', 'ERR_HOST_NOT_FOUND', false],
    ['getaddrinfo EAI_AGAIN registry.test', 'ERR_HOST_NOT_FOUND', true],
    ['unable to verify the first certificate', 'ERR_CERTIFICATE_UNKNOWN_AUTHORITY'],
    [
      "Hostname/IP does not match certificate's altnames: Host: a. is not in the cert's altnames: DNS:b",
      'ERR_CERTIFICATE_HOST_MISMATCH',
    ],
    ['Proxy response (407) !== 200 when HTTP Tunneling', 'ERR_PROXY_AUTHENTICATION_REQUIRED'],
    ['Proxy response (403) !== 200 when HTTP Tunneling', 'ERR_PROXY', false],
    ['Proxy response (503) !== 200 when HTTP Tunneling', 'ERR_PROXY', true],
    ['socket hang up', 'ERR_CONNECTION_LOST', true],
    ['other side closed', 'ERR_CONNECTION_LOST', true],
  ],
  'what is no failed pull, or does not tell': [
    ['', 'ERR_UNKNOWN'],
    ['Something happened', 'ERR_UNKNOWN'],
    ['No such container: app', 'ERR_UNKNOWN'],
    ['network acme not found', 'ERR_UNKNOWN'],
    ['Conflict. The container name "/app" is already in use by container "00"', 'ERR_UNKNOWN'],
    [
      'failed to set up container networking: driver failed programming external connectivity: Bind for 0.0.0.0:80 failed',
      'ERR_UNKNOWN',
    ],
    [
      'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable ' +
        'to start container process: exec: "x": executable file not found in $PATH: unknown',
      'ERR_UNKNOWN',
    ],
    ['exec /app: exec format error', 'ERR_UNKNOWN'],
    [
      'Readiness probe failed: Get "http://10.0.0.1/": dial tcp 10.0.0.1:80: connect: connection refused',
      'ERR_UNKNOWN',
    ],
    ['Back-off pulling image "r.test/a:1"', 'ERR_UNKNOWN'],
    ['ImagePullBackOff', 'ERR_UNKNOWN'],
    ['Error: ErrImagePull', 'ERR_UNKNOWN'],
    ['secrets "registry" is forbidden: User "x" cannot get resource "secrets"', 'ERR_UNKNOWN'],
    // An image may be named like an error.
    ['Successfully pulled image "r.test/acme/denied:v1"', 'ERR_UNKNOWN'],
    ['Pulling image "r.test/toomanyrequests:unauthorized"', 'ERR_UNKNOWN'],
    ['pulling r.test/tls: nothing known', 'ERR_UNKNOWN'],
  ],
}

describe.each(Object.entries(rows))('the words of %s', (_, table) => {
  it.each(table)('%s', (words, code, retryable) => {
    const failure = classifyPullFailure(words)
    expect(failure.code).toBe(code)
    if (retryable !== undefined) expect(failure.retryable).toBe(retryable)
    expect(classifyPullFailure(`Error response from daemon: ${words}`).code).toBe(code)
    expect(classifyPullFailure({ errorDetail: { message: words }, error: words }).code).toBe(code)
  })
})

describe('the message', () => {
  it.each([
    ['Get "https://a.test:5000/v2/": EOF', 'a.test:5000'],
    ['Get https://a.test/v2/: EOF', 'a.test'],
    ['Head "https://a.test/v2/": Get "https://auth.test/token": EOF', 'auth.test'],
    ['pull access denied for acme/app, repository does not exist', 'acme/app'],
    ['initializing source docker://a.test/b:1: reading manifest 1 in a.test/b: manifest unknown', 'a.test/b:1'],
    ['failed to pull and unpack image "a.test/b:1": 401 Unauthorized', 'a.test/b:1'],
  ])('names the host or the image that the words name: %s', (words, name) => {
    expect(classifyPullFailure(words).message).toContain(` (${name}): `)
  })

  it.each([
    'toomanyrequests: see https://www.docker.com/increase-rate-limit',
    'no matching manifest for linux/amd64 in the manifest list entries',
    'unauthorized: authentication required',
    'Get "https://<script>/v2/": EOF',
  ])('names nothing that is neither: %s', (words) => {
    expect(classifyPullFailure(words).message).toMatch(/^[^()]*$/)
  })
})

describe('hints', () => {
  it.each([
    ['toomanyrequests: retry-after: 1m30s, allowed: 44000/minute', '1m30s'],
    ['toomanyrequests: too many requests, retry after 60 seconds.', '60 seconds'],
    ['429 Too Many Requests: Retry-After: 120', '120 s'],
  ])('say how long to wait: %s', (words, wait) => {
    expect(classifyPullFailure(words).hint).toContain(`asks to wait ${wait};`)
  })

  it.each([
    ['120', '120 s'],
    [7, '7 s'],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 'until Wed, 21 Oct 2026 07:28:00 GMT'],
  ])('take the wait from a Retry-After header: %s', (value, wait) => {
    const error = Object.assign(new Error('Response error'), {
      code: 'UND_ERR_RESPONSE',
      statusCode: 429,
      headers: { 'retry-after': value },
    })
    expect(classifyPullFailure(error).hint).toContain(`asks to wait ${wait};`)
  })

  it.each(['soon', '<script>', '1'.repeat(50) + 'x'])('know no wait where none is told: %s', (value) => {
    expect(classifyPullFailure(`toomanyrequests: retry-after: ${value}`).hint).toContain('Wait, then try again')
  })

  it('name the host whose CA is to be added, and never advise to switch verification off', () => {
    const words = 'Get "https://registry.corp:8443/v2/": x509: certificate signed by unknown authority'
    const { hint } = classifyPullFailure(words)
    expect(hint).toContain('/etc/docker/certs.d/registry.corp:8443/ca.crt')
    expect(hint).toContain('/etc/containerd/certs.d/registry.corp:8443/hosts.toml')
    expect(hint).toContain('https_proxy_ca')
    expect(hint).not.toContain('insecure')
  })

  it('tell the resolver at fault from the name that does not exist', () => {
    const of = (words: string): string | undefined => classifyPullFailure(words).hint
    expect(of('getaddrinfo EAI_AGAIN r.test')).toContain('try again')
    expect(of('getaddrinfo ENOTFOUND r.test')).toContain('spelling')
  })
})

describe('names that read like failures', () => {
  const containerd = (host: string): string =>
    `failed to pull and unpack image "${host}/acme/app:v1": failed to resolve image: ${host}/acme/app:v1: not found`

  it.each(['denied.io', 'tls.example.com:5000', 'x509.example.com', 'unauthorized.example.com:401'])(
    'are no failures: %s',
    (host) => expect(classifyPullFailure(containerd(host)).code).toBe('ERR_IMAGE_NOT_FOUND'),
  )

  it('make nothing worth another attempt', () => {
    const words =
      'initializing image from source docker://r.example.com/acme/unavailable:v1: unsupported schema version 2'
    expect(classifyPullFailure(words)).toMatchObject({ code: 'ERR_REGISTRY_FAULT', retryable: false })
    expect(classifyPullFailure('Get "https://r.example.com/v2/": unavailable')).toMatchObject({
      code: 'ERR_REGISTRY_FAULT',
      retryable: true,
    })
  })
})
