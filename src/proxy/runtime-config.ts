import { checkObject } from '../kind-of.js'
import { printedAs } from '../masking.js'
import { maskProxySettings } from '../settings/proxy-url.js'
import type { ProxySettings } from '../settings/types.js'

/** A file for a machine that runs containers. Printed with the passwords of proxies masked. */
export interface RuntimeConfigFile {
  readonly runtime: 'docker' | 'containerd'
  /** Where it belongs. */
  readonly path: string
  /** With the passwords of proxies in it: to be readable by root alone. */
  readonly content: string
}

/**
 * The systemd drop-ins with which an operator gives the proxy to dockerd or containerd. They pull the images on a
 * machine, and heed neither what a client nor what a pod has set.
 *
 * @returns One file for each runtime; the machine needs the one for its own.
 * @throws {TypeError} `proxy` is not an object.
 * @see https://docs.docker.com/engine/daemon/proxy/
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#Environment=
 */
export function runtimeProxyConfig(proxy: ProxySettings): RuntimeConfigFile[] {
  checkObject(proxy, 'runtimeProxyConfig: proxy')
  return (['docker', 'containerd'] as const).map((runtime) => {
    const path = `/etc/systemd/system/${runtime}.service.d/http-proxy.conf`
    const content = dropIn(runtime, path, proxy)
    const shown = dropIn(runtime, path, maskProxySettings(proxy))
    return printedAs({ runtime, path, content }, () => ({ runtime, path, content: shown }))
  })
}

function dropIn(runtime: string, path: string, { httpProxy, httpsProxy, noProxy }: ProxySettings): string {
  const lines = [`# ${path}`, `# Then: systemctl daemon-reload && systemctl restart ${runtime}`]
  if (httpsProxy !== undefined) {
    lines.push("# A proxy that intercepts TLS: add its certificate authority to this machine's roots first.")
  }
  if (httpProxy?.includes('@') || httpsProxy?.includes('@')) {
    lines.push(
      `# Holds the proxy's user info, which 'systemctl show ${runtime}' prints for every user of this machine.`,
    )
  }
  lines.push('[Service]')
  const variables = { HTTP_PROXY: httpProxy, HTTPS_PROXY: httpsProxy, NO_PROXY: noProxy }
  for (const [name, value] of Object.entries(variables)) {
    if (value !== undefined) lines.push(`Environment="${name}=${escapeForSystemd(value)}"`)
  }
  return `${lines.join('\n')}\n`
}

/** Inside double quotes: backslash escapes as in C, and `%` would begin a specifier. `$` means nothing there. */
function escapeForSystemd(value: string): string {
  const quoted = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')
  return quoted.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')
}
