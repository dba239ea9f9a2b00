import { formatTrace } from '../credentials/index.js'
import type { ExchangeLine, PullExplanation, PullVerdict, RouteExplanation } from './explanation.js'

const WIDTH = 13

/** What `explainPull` found, as text for a terminal or a ticket: some ten to thirty lines, without secrets. */
export function formatExplanation(explanation: PullExplanation): string {
  const { image, credentials, routes, exchange, verdict, warnings } = explanation
  return [
    section('Image', [image.given, ...(image.resolved === undefined ? [] : [`-> ${image.resolved}`]), image.rule]),
    section('Credentials', credentialLines(credentials)),
    section('Routes', routes.length === 0 ? ['no server was asked'] : routes.flatMap(routeLines)),
    section('Exchange', exchange.length === 0 ? ['none'] : exchange.flatMap(exchangeLines)),
    section('Verdict', verdictLines(verdict)),
    ...(verdict.pullable || verdict.remedy === undefined ? [] : [section('Remedy', verdict.remedy.split('\n'))]),
    ...(warnings.length === 0 ? [] : [section('Warnings', warnings)]),
  ].join('\n\n')
}

function section(title: string, lines: readonly string[]): string {
  return lines.map((line, index) => (index === 0 ? title : '').padEnd(WIDTH) + line).join('\n')
}

function credentialLines(credentials: PullExplanation['credentials']): string[] {
  if (!credentials) return ['were not looked for, or the look-up failed']
  const { found, source, trace } = credentials
  return [
    found === undefined ? 'none: the pull is anonymous' : `${found}, from ${source}`,
    ...formatTrace(trace).split('\n'),
  ]
}

function routeLines({ to, origin, kind, proxy, reason, tls }: RouteExplanation): string[] {
  const way = {
    direct: `directly: ${reason ?? ''}`,
    proxy: `through the proxy ${proxy ?? ''}`,
    given: 'by the dispatcher that was given',
  }[kind]
  return [`${to}: ${origin}`, `  ${way}`, `  ${tlsWords(tls)}`]
}

function tlsWords({ encrypted, verified, extraAuthorities }: RouteExplanation['tls']): string {
  if (!encrypted) return 'plain HTTP, not encrypted'
  if (!verified) return 'TLS, any certificate'
  const extra = extraAuthorities === 0 ? '' : ` and ${extraAuthorities} more`
  return `TLS, verified by the default certificate authorities${extra}`
}

function exchangeLines(line: ExchangeLine, index: number): string[] {
  const { method, url, offered, status, challenges = [], location, failure } = line
  const outcome = failure === undefined ? String(status) : `no answer (${failure.code})`
  const details = [
    ...challenges.map((challenge) => `asks for ${challenge}`),
    ...(location === undefined ? [] : [`redirects to ${location}`]),
    ...(failure === undefined ? [] : [failure.message]),
  ]
  return [
    `${index + 1}. ${method} ${url}`,
    `   with ${offered} -> ${outcome}`,
    ...details.map((detail) => `   ${detail}`),
  ]
}

function verdictLines(verdict: PullVerdict): string[] {
  if (!verdict.pullable) {
    const again = verdict.retryable ? ['It may pass: try again.'] : []
    return [`cannot be pulled: ${verdict.code}`, ...verdict.message.split('\n'), ...again]
  }
  const { digest, mediaType, platforms = [], size } = verdict
  return [
    'can be pulled',
    digest,
    mediaType,
    ...(platforms.length === 0 ? [] : [`for ${platforms.join(', ')}`]),
    ...(size === undefined ? [] : [`${size} bytes to transfer`]),
  ]
}
