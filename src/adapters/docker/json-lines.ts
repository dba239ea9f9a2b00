import { PullpassError } from '../../errors.js'

/** No engine sends a longer line; one that does is not an engine. */
const MAX_LINE = 1 << 20

/**
 * Reads JSON values, one a line, from a byte stream. A chunk may end in the middle of a line or of a character, and the
 * last line may lack its newline.
 *
 * @throws {PullpassError} `ERR_UNKNOWN`: a line is not JSON, or longer than 1 MiB.
 */
export async function* readJsonLines(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<unknown, void> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE) throw unreadable('a line of more than 1 MiB')
    yield* lines.flatMap(parseLine)
  }
  yield* parseLine(rest + decoder.decode())
}

/** One value, or none for a blank line. */
function parseLine(line: string): unknown[] {
  if (line.trim() === '') return []
  try {
    return [JSON.parse(line)]
  } catch {
    throw unreadable('a line that is not JSON')
  }
}

function unreadable(what: string): PullpassError {
  return new PullpassError('ERR_UNKNOWN', `The engine answered the pull with ${what}`, {
    hint: 'Check that the address is that of a Docker engine and that no gateway answers in its place.',
  })
}
