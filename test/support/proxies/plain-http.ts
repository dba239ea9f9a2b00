import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ProxySettings } from '../../../src/settings/types.js'
import { listen } from '../listen.js'
import { freePort, temporaryFolder } from '../processes.js'
import { describeReal } from '../real.js'
import { expectNoSecret } from './matrix.js'
import { type Mitmproxy, startMitmproxy } from './mitmproxy.js'
import { hosts, makeNamedCertificates, type NamedCertificates } from './names.js'
import { expectLogged, proxyUser, userInfo } from './proxy.js'
import { type Squid, startSquid } from './squid.js'

/** Sends a GET by a new client; answers with status and body. */
export type PlainGet = (url: string, proxy: ProxySettings) => Promise<{ status: number; body: string }>

/** What holds for `http:` URLs, against squid and a SOCKS server. */
export function describePlainHttp(title: string, get: PlainGet): void {
  describeReal(title, ['squid', 'mitmdump', 'htpasswd', 'openssl'], () => {
    let certificates: NamedCertificates
    let squid: Squid
    let socks: Mitmproxy
    const stops: (() => Promise<void>)[] = []
    const server = createServer((request, response) => {
      const told = {
        path: request.url,
        host: request.headers.host,
        'proxy-authorization': request.headers['proxy-authorization'],
      }
      response.end(JSON.stringify(told))
    })
    let authority: string

    beforeAll(async () => {
      const folder = await temporaryFolder()
      certificates = await makeNamedCertificates(folder.path)
      const { port, stop } = await listen(server)
      stops.push(stop)
      authority = `${hosts.registry}:${port}`
      squid = await startSquid(certificates)
      stops.push(squid.stop)
      socks = await startMitmproxy({ mode: 'socks5', trust: certificates.caPath, authenticate: true })
      stops.push(socks.stop, folder.remove)
    })
    afterAll(async () => {
      for (const stop of stops) await stop()
    })

    const through = (httpProxy: string): ProxySettings => {
      return { httpProxy, ca: [{ pem: certificates.ca }], rejectUnauthorized: true }
    }
    const asked = (): string => JSON.stringify({ path: '/v2/?n=1', host: authority })

    it('is forwarded by an HTTP proxy, which keeps its password', async () => {
      const got = async (): Promise<void> => {
        const answer = await get(`http://${authority}/v2/?n=1`, through(`http://${userInfo}${squid.host}`))
        expect(answer).toEqual({ status: 200, body: asked() })
      }
      await expectLogged(squid, got, `GET http://${authority}/v2/? ${proxyUser.username}`)
    })

    it('is forwarded by a proxy over TLS', async () => {
      const answer = await get(`http://${authority}/v2/?n=1`, through(`https://${userInfo}${squid.tlsHost}`))
      expect(answer).toEqual({ status: 200, body: asked() })
    })

    it('goes through a SOCKS proxy', async () => {
      const answer = await get(`http://${authority}/v2/?n=1`, through(`socks5://${userInfo}${socks.host}`))
      expect(answer).toEqual({ status: 200, body: asked() })
      await expect.poll(() => socks.log()).toContain(`CONNECT ${authority}\n`)
    })

    it('fails by a 407 of the proxy', async () => {
      const error: unknown = await get(`http://${authority}/v2/`, through(`http://${squid.host}`)).catch(
        (e: unknown) => e,
      )
      expect(error).toMatchObject({ code: 'ERR_PROXY_AUTHENTICATION_REQUIRED' })
    })

    it('gets the answer of a proxy that refuses otherwise: it might be the target’s', async () => {
      const answer = await get(`http://${hosts.forbidden}/`, through(`http://${userInfo}${squid.host}`))
      expect(answer.status).toBe(403)
    })

    it.each(['http', 'https', 'socks5'])('names a %s proxy that is down', async (scheme) => {
      const down = `127.0.0.1:${await freePort()}`
      const proxy = through(`${scheme}://${userInfo}${down}`)
      const error: unknown = await get(`http://${authority}/v2/`, proxy).catch((e: unknown) => e)
      expect(error).toMatchObject({ code: 'ERR_PROXY_UNREACHABLE' })
      expect((error as Error).message).toContain(`The proxy ${scheme}://${down} cannot be reached`)
      expectNoSecret(error)
    })

    it('names a proxy whose certificate does not verify', async () => {
      const proxy = { ...through(`https://${userInfo}${squid.tlsHost}`), ca: [] }
      const error: unknown = await get(`http://${authority}/v2/`, proxy).catch((e: unknown) => e)
      expect(error).toMatchObject({ code: 'ERR_CERTIFICATE_UNKNOWN_AUTHORITY' })
      expectNoSecret(error)
    })
  })
}
