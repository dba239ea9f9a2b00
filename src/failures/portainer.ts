import { isObject, read, readString } from './read.js'

/** What Portainer, in front of an engine, said for itself. */
export interface PortainerRefusal {
  readonly words: string
  readonly hint: string
}

const hints: Readonly<Record<number, string>> = {
  401: 'Check apiKey: it is an access token of a Portainer user, made under My account, and may have been revoked.',
  403: 'The user of this API key may not use the environment: give it access in Portainer, under Environments.',
  404: 'Check environmentId: it is the number in the URL of the environment in Portainer.',
}

/** Its words where docker-modem drops the answer, as it does for a pull. */
const phrases = [
  'invalid api key',
  'a valid authorization token is missing',
  'permission denied to access environment',
  'permission denied to access endpoint',
  'unable to find an environment with the specified identifier',
  'unable to find an endpoint with the specified identifier',
]

/**
 * Portainer answers with `message` and `details`; an engine and a registry have no `details` beside their `message`.
 *
 * @param error As docker-modem makes it.
 */
export function portainerRefusal(error: object): PortainerRefusal | undefined {
  const status = read(error, 'statusCode')
  if (typeof status !== 'number') return undefined
  const words = wordsOfAnswer(read(error, 'json')) ?? wordsOfMessage(readString(error, 'message') ?? '')
  const hint = hints[status] ?? "Look at Portainer's log, and whether it reaches the engine of this environment."
  return words === undefined ? undefined : { words: `Portainer answered ${status}: ${words}`, hint }
}

function wordsOfAnswer(answer: unknown): string | undefined {
  if (!isObject(answer)) return undefined
  const message = readString(answer, 'message')
  const details = readString(answer, 'details')
  return message === undefined || details === undefined ? undefined : `${message} (${details})`
}

function wordsOfMessage(message: string): string | undefined {
  const lower = message.slice(0, 1000).toLowerCase()
  return phrases.some((phrase) => lower.includes(phrase))
    ? message.replace(/^\(HTTP code \d+\)[^-]*- /, '').trim()
    : undefined
}
