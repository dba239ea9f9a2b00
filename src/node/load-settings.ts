import { readFile } from 'node:fs/promises'
import { LineCounter, parseDocument } from 'yaml'
import { PullpassError } from '../errors.js'
import { checkObject } from '../kind-of.js'
import { type OpenCtiSettingsOptions, parseOpenCtiSettings, type Settings } from '../settings/index.js'
import { withPlace } from './config-files.js'

/** Options of {@link loadSettings}. */
export interface LoadSettingsOptions extends OpenCtiSettingsOptions {
  /** Configuration file, YAML or JSON. Absent: the environment alone. */
  readonly file?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads an operator's configuration from a YAML or JSON file and the environment (`process.env` unless `env` is given):
 * see `parseOpenCtiSettings`.
 *
 * @throws {PullpassError} `ERR_SETTINGS`: the file cannot be read or is not YAML (with line and column), or a value in
 * it is wrong.
 * @throws {TypeError} An option has the wrong type.
 */
export async function loadSettings(options: LoadSettingsOptions = {}): Promise<Settings> {
  checkObject(options, 'options')
  const { file, signal, ...rest } = options
  const config = file === undefined ? undefined : await readConfiguration(file, signal)
  try {
    return parseOpenCtiSettings(config, { ...rest, env: options.env ?? process.env })
  } catch (error) {
    throw file === undefined ? error : withPlace(file, error)
  }
}

async function readConfiguration(file: string, signal: AbortSignal | undefined): Promise<unknown> {
  let text: string
  try {
    text = await readFile(file, { encoding: 'utf8', signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw new PullpassError(
      'ERR_SETTINGS',
      `The configuration file ${file} cannot be read: ${(error as Error).message}`,
      {
        hint: 'Check the path and that this user may read the file.',
        cause: error,
      },
    )
  }
  return parseYaml(text, file)
}

function parseYaml(text: string, file: string): unknown {
  const lineCounter = new LineCounter()
  // Pretty errors quote the line, and warnings print an odd key; either may be a password.
  const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'error' })
  const [error] = document.errors
  if (error) {
    const { line, col } = lineCounter.linePos(error.pos[0])
    throw notYaml(`${file}, line ${line}, column ${col}: not YAML (${error.code})`, hints[error.code])
  }
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch {
    throw notYaml(`${file}: its aliases cannot be resolved, or there are too many of them`)
  }
}

const hints: Partial<Record<string, string>> = {
  DUPLICATE_KEY: 'Write the key once: what stands under both belongs together.',
  TAB_AS_INDENT: 'Indent with spaces: YAML takes no tabs there.',
}

function notYaml(
  message: string,
  hint = 'Quote values that hold characters such as : # { [ * & ! | > % @.',
): PullpassError {
  return new PullpassError('ERR_SETTINGS', message, { hint })
}
