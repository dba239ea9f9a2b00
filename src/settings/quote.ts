/**
 * What an operator wrote, as a message may show it: without the user info of a URL, on one line, and cut where it gets
 * long. In quotes.
 */
export function quote(text: string): string {
  const scheme = text.indexOf('://')
  const at = text.lastIndexOf('@')
  const start = scheme === -1 || scheme > at ? 0 : scheme + 3
  const masked = at < start ? text : `${text.slice(0, start)}***${text.slice(at)}`
  const shown = masked.length > 100 ? `${masked.slice(0, 100)}…` : masked
  return `'${JSON.stringify(shown).slice(1, -1)}'`
}
