/**
 * What an operator wrote, as a message may show it: without the user info of a URL, on one line, and cut where it gets
 * long. In quotes.
 */
export function quote(text: string): string {
  const at = text.lastIndexOf('@')
  const start = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0].length ?? 0
  return quoteAll(at < start ? text : `${text.slice(0, start)}***${text.slice(at)}`)
}

/** The same for what cannot hold a secret. */
export function quoteAll(text: string): string {
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text
  return `'${JSON.stringify(shown).slice(1, -1)}'`
}
