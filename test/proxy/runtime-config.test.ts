import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { runtimeProxyConfig } from '../../src/proxy/index.js'
import { parseProxySettings } from '../../src/settings/proxy.js'
import type { ProxySettings } from '../../src/settings/types.js'

const proxy = parseProxySettings({
  http_proxy: 'proxy.example.com:3128',
  https_proxy: 'http://user:CANARY%40%25@proxy.example.com:3128',
  no_proxy: 'localhost,.svc',
})!

/** What systemd makes of the `Environment=` lines, by systemd.syntax(7): quotes, C escapes, `%%`. */
function environmentOf(content: string): Record<string, string> {
  const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t' }
  const lines = content.split('\n').filter((line) => line.startsWith('Environment='))
  const assignments = lines.map((line) => {
    const quoted = /^Environment="((?:[^"\\]|\\.)*)"$/.exec(line)?.[1] ?? ''
    const text = quoted.replaceAll(/\\(.)/g, (_, char: string) => escapes[char] ?? char)
    if (/%/.test(text.replaceAll('%%', ''))) throw new Error(`a specifier in ${line}`)
    return text.replaceAll('%%', '%')
  })
  return Object.fromEntries(
    assignments.map((each): [string, string] => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]),
  )
}

describe('runtimeProxyConfig', () => {
  it('has a systemd drop-in for each runtime', () => {
    expect(runtimeProxyConfig(proxy).map(({ runtime, path }) => [runtime, path])).toEqual([
      ['docker', '/etc/systemd/system/docker.service.d/http-proxy.conf'],
      ['containerd', '/etc/systemd/system/containerd.service.d/http-proxy.conf'],
    ])
    expect(runtimeProxyConfig(proxy)[1]?.content).toBe(
      [
        '# /etc/systemd/system/containerd.service.d/http-proxy.conf',
        '# Then: systemctl daemon-reload && systemctl restart containerd',
        "# A proxy that intercepts TLS: add its certificate authority to this machine's roots first.",
        "# Holds the proxy's user info, which 'systemctl show containerd' prints for every user of this machine.",
        '[Service]',
        'Environment="HTTP_PROXY=http://proxy.example.com:3128"',
        'Environment="HTTPS_PROXY=http://user:CANARY%%40%%25@proxy.example.com:3128"',
        'Environment="NO_PROXY=localhost,.svc"',
        '',
      ].join('\n'),
    )
  })

  it('leaves out what is not set', () => {
    const [docker] = runtimeProxyConfig({ httpProxy: 'http://proxy', ca: [], rejectUnauthorized: true })
    expect(docker?.content).toBe(
      [
        '# /etc/systemd/system/docker.service.d/http-proxy.conf',
        '# Then: systemctl daemon-reload && systemctl restart docker',
        '[Service]',
        'Environment="HTTP_PROXY=http://proxy"',
        '',
      ].join('\n'),
    )
  })

  it('warns of user info only where there is some', () => {
    const [docker] = runtimeProxyConfig({ httpsProxy: 'http://proxy', ca: [], rejectUnauthorized: true })
    expect(docker?.content).toContain('Environment="HTTPS_PROXY=http://proxy"')
    expect(docker?.content).not.toContain('user info')
    const [other] = runtimeProxyConfig({ httpProxy: 'http://token@proxy', ca: [], rejectUnauthorized: true })
    expect(other?.content).toContain("# Holds the proxy's user info")
  })

  it.each(['a "quoted" host', 'back\\slash\\', '100%,%n,%%', 'one\ntwo\r\n\tthree', '$HOME', "it's", '\\"', '#;='])(
    'means the same to systemd: %j',
    (noProxy) => {
      const settings: ProxySettings = { httpProxy: 'http://proxy', noProxy, ca: [], rejectUnauthorized: true }
      for (const { content } of runtimeProxyConfig(settings)) {
        expect(environmentOf(content)).toEqual({ HTTP_PROXY: 'http://proxy', NO_PROXY: noProxy })
      }
    },
  )

  it('is printed masked', () => {
    const files = runtimeProxyConfig(proxy)
    expect(inspect({ files }, { showHidden: true, depth: 9 })).not.toContain('CANARY')
    expect(inspect(files)).toContain('http://user:***@proxy.example.com:3128')
    expect(JSON.stringify(files)).toContain('CANARY')
  })
})
