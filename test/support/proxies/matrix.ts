import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PullpassError } from '../../../src/errors.js'
import type { ProxySettings } from '../../../src/settings/types.js'
import { freePort, temporaryFolder } from '../processes.js'
import { describeReal, type Program } from '../real.js'
import { type Mitmproxy, startMitmproxy } from './mitmproxy.js'
import { hosts, makeNamedCertificates, type NamedCertificates, THIS_HOST } from './names.js'
import { expectLogged, loggedDuring, proxyUser, userInfo, userInfoOf } from './proxy.js'
import { type Squid, startSquid } from './squid.js'

/** A server behind the proxies. */
export interface Target {
  readonly port: number
  stop(): Promise<void>
}

/** A client, and what it talks to. */
export interface ClientUnderTest {
  readonly title: string
  readonly programs: readonly Program[]
  /** The name of the target that only the proxies know. */
  readonly host: string
  /** Starts the target, on loopback, with the server certificate of `certificates`. */
  startTarget(certificates: NamedCertificates): Promise<Target>
  /** Sends one request to `https://host:port` by a new client, and fails unless the target answered as it should. */
  request(
    server: { host: string; port: number },
    proxy: ProxySettings,
    certificates: NamedCertificates,
  ): Promise<unknown>
  /** Whether the client trusts the target's CA by options of its own, rather than by `proxy.ca`. */
  readonly bringsOwnCa: boolean
}

/**
 * The matrix of a client against real proxies: mitmproxy, which intercepts TLS; squid, which asks for a user, over HTTP
 * and over TLS; a SOCKS server.
 */
export function describeThroughProxies(client: ClientUnderTest): void {
  describeReal(client.title, ['mitmdump', 'squid', 'htpasswd', 'openssl', ...client.programs], () => {
    let certificates: NamedCertificates
    let mitmproxy: Mitmproxy
    let socks: Mitmproxy
    let squid: Squid
    let target: Target
    const stops: (() => Promise<void>)[] = []

    beforeAll(async () => {
      const folder = await temporaryFolder()
      stops.push(folder.remove)
      certificates = await makeNamedCertificates(folder.path)
      const trust = certificates.caPath
      const clientCertificate = certificates.client.bothPath
      const starting = [
        startMitmproxy({ mode: 'intercept', trust, clientCertificate }),
        startMitmproxy({ mode: 'socks5', trust, authenticate: true }),
        startSquid(certificates),
        client.startTarget(certificates),
      ] as const
      const started = await Promise.allSettled(starting)
      for (const one of started) if (one.status === 'fulfilled') stops.unshift(() => one.value.stop())
      ;[mitmproxy, socks, squid, target] = await Promise.all(starting)
    })
    afterAll(async () => {
      for (const stop of stops) await stop()
    })

    const through = (url: string, more: Partial<ProxySettings> = {}): ProxySettings => {
      return { httpsProxy: url, ca: [{ pem: certificates.ca }], rejectUnauthorized: true, ...more }
    }
    const send = (proxy: ProxySettings, host = client.host, port = target.port): Promise<unknown> =>
      client.request({ host, port }, proxy, certificates)
    const fails = async (...args: Parameters<typeof send>): Promise<Error> => {
      const error = await send(...args).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      expectNoSecret(error)
      if (!(error instanceof Error)) throw new Error('the request did not fail')
      return error
    }
    const failsWith = async (...args: Parameters<typeof send>): Promise<PullpassError> => {
      const error = await fails(...args)
      const own = [error, error.cause].find((one) => one instanceof PullpassError)
      if (!own) throw new Error(`not a PullpassError: ${inspect(error)}`)
      return own
    }
    const asked = (host = client.host): string => `${host}:${target.port}`

    describe('an intercepting proxy', () => {
      const intercepting = (more: Partial<ProxySettings> = {}): ProxySettings =>
        through(`http://${mitmproxy.host}`, { ca: [{ pem: mitmproxy.ca }], ...more })

      it('is gone through, with its CA given', async () => {
        await expectLogged(mitmproxy, () => send(intercepting()), `GET https://${asked()}/`)
      })

      it('is gone through, with its CA given as a file', async () => {
        await send(intercepting({ ca: [{ path: certificates.caPath }, { path: mitmproxy.caPath }] }))
      })

      it('is not trusted without its CA', async () => {
        const log = await loggedDuring(mitmproxy, async () => {
          const error = await fails(intercepting({ ca: [] }))
          expect(inspect(error)).toMatch(/UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN/)
        })
        expect(log.join('\n')).toContain(`CONNECT ${asked()}`)
        expect(log.join('\n')).not.toContain('GET ')
      })

      it('needs no CA where verification is off', async () => {
        await expectLogged(
          mitmproxy,
          () => send(intercepting({ ca: [], rejectUnauthorized: false })),
          `GET https://${asked()}/`,
        )
      })

      it('is passed by where NO_PROXY matches, and only there', async () => {
        await expectLogged(mitmproxy, () => send(intercepting(), THIS_HOST), `GET https://${asked(THIS_HOST)}/`)
        const direct = intercepting({ noProxy: `example.com,${THIS_HOST}:${target.port}`, rejectUnauthorized: false })
        const log = await loggedDuring(mitmproxy, async () => {
          if (client.bringsOwnCa) await send(direct, THIS_HOST)
          // Verification is off on connections through the proxy, and there alone.
          else expect(inspect(await fails(direct, THIS_HOST))).toContain('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
        })
        expect(log.join('\n')).not.toMatch(/CONNECT|GET/)
      })

      it('can be spoken to over TLS', async () => {
        const proxy = intercepting({ httpsProxy: `https://${mitmproxy.host}` })
        await expectLogged(mitmproxy, () => send(proxy), `GET https://${asked()}/`)
      })
    })

    describe('a proxy that asks for a user', () => {
      it('is gone through with the right one', async () => {
        await expectLogged(
          squid,
          () => send(through(`http://${userInfo}${squid.host}`)),
          `TCP_TUNNEL/200`,
          `CONNECT ${asked()} ${proxyUser.username}`,
        )
      })

      it('says that it asks for one', async () => {
        const log = await loggedDuring(squid, async () => {
          const error = await failsWith(through(`http://${squid.host}`))
          expect(error.code).toBe('ERR_PROXY_AUTHENTICATION_REQUIRED')
          expect(error.message).toContain(`The proxy http://${squid.host} asks for a user and a password`)
        })
        expect(log.join('\n')).toContain(`TCP_DENIED/407`)
      })

      it('says that it does not take the one it got', async () => {
        const error = await failsWith(through(`http://${userInfoOf(`${proxyUser.password}, but wrong`)}${squid.host}`))
        expect(error.code).toBe('ERR_PROXY_AUTHENTICATION_REQUIRED')
        expect(error.message).toContain(`does not accept the user '${proxyUser.username}'`)
      })

      it('says what it forbids', async () => {
        const log = await loggedDuring(squid, async () => {
          const error = await failsWith(through(`http://${userInfo}${squid.host}`), hosts.forbidden)
          expect(error.code).toBe('ERR_PROXY')
          expect(error.message).toBe(`The proxy http://${squid.host} refused ${asked(hosts.forbidden)} with status 403`)
        })
        expect(log.join('\n')).toContain(`TCP_DENIED/403`)
      })
    })

    describe('a proxy over TLS', () => {
      it('is gone through, with the CA of its certificate given', async () => {
        await expectLogged(
          squid,
          () => send(through(`https://${userInfo}${squid.tlsHost}`)),
          `CONNECT ${asked()} ${proxyUser.username}`,
        )
      })

      it('is not given a password where its certificate does not verify', async () => {
        const log = await loggedDuring(squid, async () => {
          const error = await failsWith(through(`https://${userInfo}${squid.tlsHost}`, { ca: [{ pem: mitmproxy.ca }] }))
          expect(error.code).toBe('ERR_CERTIFICATE_UNKNOWN_AUTHORITY')
          expect(error.message).toContain(
            `The proxy https://${squid.tlsHost} has a certificate of an unknown authority`,
          )
        })
        expect(log.join('\n')).not.toContain('CONNECT')
      })
    })

    describe('a SOCKS proxy', () => {
      it('is gone through, and resolves the name', async () => {
        await send(through(`socks5://${userInfo}${socks.host}`))
        await send(through(`socks5h://${userInfo}${socks.host}`))
        await expect.poll(() => socks.log().split(`CONNECT ${asked()}\n`)).toHaveLength(3)
      })

      it('says what it could not reach', async () => {
        const port = await freePort()
        const error = await failsWith(through(`socks5://${userInfo}${socks.host}`), client.host, port)
        expect(error.code).toBe('ERR_PROXY')
        expect(error.message).toContain(`The proxy socks5://${socks.host} refused ${client.host}:${port}: `)
      })

      it('says that it does not take the user', async () => {
        const error = await failsWith(through(`socks5h://${userInfoOf('canary')}${socks.host}`))
        expect(error.code).toBe('ERR_PROXY_AUTHENTICATION_REQUIRED')
      })
    })

    it.each(['http', 'https', 'socks5'])('a %s proxy that is down is named', async (scheme) => {
      const down = `127.0.0.1:${await freePort()}`
      const error = await failsWith(through(`${scheme}://${userInfo}${down}`))
      expect(error.code).toBe('ERR_PROXY_UNREACHABLE')
      expect(error.message).toContain(`The proxy ${scheme}://${down} cannot be reached: connect ECONNREFUSED`)
    })
  })
}

/** Fails where a proxy's password shows in whatever is printed of `value`. */
export function expectNoSecret(value: unknown): void {
  const printed = inspect(value, { showHidden: true, depth: 12, maxStringLength: null, maxArrayLength: null })
  const { username, password } = proxyUser
  const forms = [password, encodeURIComponent(password), Buffer.from(`${username}:${password}`).toString('base64')]
  for (const form of [...forms, 'canary']) expect(printed).not.toContain(form)
}
