/** What comes before a time to wait in the words of Docker Hub, GitHub, Azure and others. */
const introductions = ['retry-after: ', 'retry-after=', 'retry after ', 'try again in ']

/**
 * How long the registry asks to wait, as it put it: `60 s`, `1m30s`, `44 minutes`, `until Wed, 21 Oct 2026 07:28:00 GMT`.
 *
 * @param text Words in lower case.
 * @param retryAfter The value of a `Retry-After` header: seconds, or an HTTP date.
 */
export function waitIn(text: string, retryAfter: string | undefined): string | undefined {
  if (retryAfter !== undefined) return fromHeader(retryAfter.trim())
  for (const introduction of introductions) {
    const at = text.indexOf(introduction)
    const wait = at < 0 ? undefined : duration(text.slice(at + introduction.length, at + introduction.length + 40))
    if (wait !== undefined) return wait
  }
  return undefined
}

function fromHeader(value: string): string | undefined {
  const seconds = duration(value)
  if (seconds !== undefined) return seconds
  return value.length <= 40 && !Number.isNaN(Date.parse(value)) ? `until ${new Date(value).toUTCString()}` : undefined
}

/** `60`, `60 seconds`, Go's `1m30.5s`; anything else is no duration. */
function duration(text: string): string | undefined {
  const [first = '', second = ''] = text.split(/[ ,;\n"')]/)
  const amount = first.endsWith('.') ? first.slice(0, -1) : first
  if (!/^\d[\d.smhuµn]{0,15}$/.test(amount)) return undefined
  if (!/^[\d.]+$/.test(amount)) return amount
  const unit = ['second', 'minute', 'hour'].find((name) => second.startsWith(name))
  return unit === undefined ? `${amount} s` : `${amount} ${unit}s`
}
