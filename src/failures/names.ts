/** Where an image's name begins in the words of the engines, and what ends it. */
const imageMarks: readonly (readonly [string, string])[] = [
  ['pull access denied for ', ','],
  ['manifest for ', ' '],
  ['image "', '"'],
  ['docker://', ' '],
]

/** Before a URL that was asked, in the words of Go and of containerd; a page to read stands behind none of them. */
const urlMarks = ['"', 'Get ', 'Head ', ' request to ', ' status code '].flatMap((mark) => [
  `${mark}https://`,
  `${mark}http://`,
])

/** No name is longer: a host has 255 characters at most, a repository too. */
const LONGEST_NAME = 600

/** The image that redacted words name, as they name it. */
export function imageIn(words: string): string | undefined {
  for (const [mark, end] of imageMarks) {
    const found = between(words, words.indexOf(mark), mark.length, end)
    if (found !== undefined) return found.endsWith(':') ? found.slice(0, -1) : found
  }
  return undefined
}

/** The host, with its port, that redacted words speak of: of several, the last, since it is the innermost. */
export function hostIn(words: string): string | undefined {
  const at = Math.max(...urlMarks.map((mark) => words.lastIndexOf(mark)))
  if (at >= 0) {
    const start = words.indexOf('://', at) + '://'.length
    return host(words.slice(start, start + LONGEST_NAME).split(/[/"?#\s]/, 1)[0] ?? '')
  }
  const [first = '', ...rest] = (imageIn(words) ?? '').split('/')
  return rest.length > 0 && (first.includes('.') || first.includes(':') || first === 'localhost')
    ? host(first)
    : undefined
}

function host(authority: string): string | undefined {
  const name = authority.slice(authority.lastIndexOf('@') + 1)
  const plain = name.endsWith(':') ? name.slice(0, -1) : name
  return /^[\w.:[\]-]+$/.test(plain) ? plain : undefined
}

function between(words: string, at: number, length: number, end: string): string | undefined {
  // 'no matching manifest for linux/amd64' names a platform.
  if (at < 0 || words.slice(0, at).endsWith('matching ')) return undefined
  const [name = ''] = words.slice(at + length, at + length + LONGEST_NAME).split(end, 1)
  return name === '' || name.includes(' ') || name.length === LONGEST_NAME ? undefined : name
}
