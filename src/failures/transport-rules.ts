import type { Rule } from './rule.js'
import { all, answered, any, ends, not, part, says } from './text.js'

const fromProxyDial = says('proxyconnect tcp: ', 'socks connect tcp ')
const aboutCertificate = any(part('x509'), says('certificate'))

/** The way to the registry, hop by hop: proxy, TLS, name, connection. */
export const transportRules: readonly Rule[] = [
  [
    'ERR_PROXY_AUTHENTICATION_REQUIRED',
    any(
      answered(407),
      says('proxy authentication required', 'proxy response (407)', 'username/password authentication failed'),
      says('socks5 authentication failed', 'no acceptable authentication method'),
    ),
  ],
  // A SOCKS proxy answers for the target with these; it was reached itself.
  ['ERR_PROXY', all(says('socks connect tcp '), says(': unknown error '))],
  [
    'ERR_PROXY_UNREACHABLE',
    any(
      all(fromProxyDial, says(': dial tcp', ': dial udp', 'i/o timeout', 'deadline exceeded')),
      says('proxy connection timed out'),
    ),
  ],
  // A certificate of the proxy's own is told as one, below.
  ['ERR_PROXY', all(fromProxyDial, not(aboutCertificate))],
  [
    'ERR_PROXY',
    any(
      // undici and other tunnels of Node.
      says('proxy response (', 'tunneling socket could not', 'proxy connection failed', 'socks5 connection failed'),
      says('socks5 proxy rejected'),
      // Go gives the bare status text of a proxy that refuses CONNECT. A registry's own words are in lower case.
      all(
        says('"https://'),
        ends('": Forbidden', '": Unauthorized', '": Not Found', '": Bad Request', '": Method Not Allowed'),
      ),
      all(
        says('"https://'),
        ends('": Bad Gateway', '": Service Unavailable', '": Gateway Timeout', '": Internal Server Error'),
      ),
    ),
  ],

  [
    'ERR_PLAIN_HTTP_REGISTRY',
    says(
      'server gave http response to https client',
      'wrong version number',
      'packet length too long',
      // 20527 are the letters 'P/' of HTTP/, which older Go took for the length of a TLS record.
      'oversized record received with length 20527',
    ),
  ],
  ['ERR_TLS', says('client sent an http request to an https server', 'plain http request was sent to https port')],
  [
    'ERR_CERTIFICATE_EXPIRED',
    says('certificate has expired', 'certificate is expired', 'certificate is not yet valid', 'certificate expired'),
  ],
  [
    'ERR_CERTIFICATE_HOST_MISMATCH',
    says(
      'certificate is valid for ',
      'certificate is not valid for ',
      'cannot validate certificate for ',
      "doesn't contain any ip sans",
      'relies on legacy common name',
      "does not match certificate's altnames",
    ),
  ],
  [
    'ERR_CERTIFICATE_UNKNOWN_AUTHORITY',
    says(
      'certificate signed by unknown authority',
      'certificate is not trusted',
      'unable to verify the first certificate',
      'self-signed certificate',
      'self signed certificate',
      'unable to get local issuer certificate',
      'unable to get issuer certificate',
    ),
  ],

  // A name server that does not answer is one more way not to find a host.
  [
    'ERR_HOST_NOT_FOUND',
    says(
      'no such host',
      'server misbehaving',
      'dial tcp: lookup ',
      'temporary failure in name resolution',
      'name or service not known',
      'nodename nor servname provided',
      'no address associated with hostname',
      'could not resolve host',
      'getaddrinfo enotfound',
      'getaddrinfo eai_again',
    ),
  ],
  ['ERR_NO_SPACE', says('no space left on device', 'disk quota exceeded', 'not enough space on the disk')],
  [
    'ERR_RATE_LIMITED',
    any(
      answered(429),
      part('toomanyrequests'),
      says('too many requests', 'pull rate limit', 'rate limit exceeded', 'quota exceeded for quota metric'),
    ),
  ],
  [
    'ERR_CONNECTION_REFUSED',
    says(
      'connection refused',
      'connect econnrefused',
      'actively refused it',
      // A firewall's way to refuse.
      'no route to host',
      'network is unreachable',
      'connect ehostunreach',
      'connect enetunreach',
    ),
  ],
  [
    'ERR_TIMEOUT',
    any(
      answered(408),
      says(
        'i/o timeout',
        'context deadline exceeded',
        'client.timeout exceeded',
        'tls handshake timeout',
        'timeout awaiting response headers',
        'request canceled while waiting for connection',
        'connection timed out',
        'connect etimedout',
        'connect timeout error',
        'headers timeout error',
        'body timeout error',
      ),
      // containerd cancels a pull that has made no progress for a while (image_pull_progress_timeout).
      all(says('failed to pull and unpack image'), says('context canceled')),
    ),
  ],
  ['ERR_TLS', any(part('tls', 'x509'), says('ssl routines:', 'certificate verify failed'))],
]

/** After everything that a broken stream can be part of: a layer, an answer, a secret. */
export const brokenOffRules: readonly Rule[] = [
  [
    'ERR_CONNECTION_LOST',
    any(
      says(
        'connection reset by peer',
        'econnreset',
        'broken pipe',
        'write epipe',
        'unexpected eof',
        'failed to read expected number of bytes',
        // Docker asks for the rest of a layer only after its download broke off.
        'expected http 206 from byte range request',
        'no content-range header found in http 206 response',
        'use of closed network connection',
        'server closed idle connection',
        'transport connection broken',
        'client connection lost',
        'server sent goaway',
        'stream error: stream id',
        'forcibly closed by the remote host',
        'socket hang up',
        'other side closed',
      ),
      ends(': EOF'),
    ),
  ],
]
