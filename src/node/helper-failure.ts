import { PullpassError } from '../errors.js'
import type { ProgramEnd } from './run-program.js'

const HELPERS = 'https://github.com/docker/docker-credential-helpers'

/** Helper -> how to get it. */
const origins: Readonly<Record<string, string>> = {
  desktop: 'It comes with Docker Desktop.',
  osxkeychain: `It comes with Docker Desktop for macOS, and is in ${HELPERS}.`,
  wincred: `It comes with Docker Desktop for Windows, and is in ${HELPERS}.`,
  pass: `It is in ${HELPERS} (Debian: apt-get install golang-docker-credential-helpers pass).`,
  secretservice: `It is in ${HELPERS} (Debian: apt-get install golang-docker-credential-helpers).`,
  'ecr-login':
    'It is in https://github.com/awslabs/amazon-ecr-credential-helper (Debian: amazon-ecr-credential-helper).',
  gcloud: 'It comes with the Google Cloud CLI.',
  gcr: 'It is in https://github.com/GoogleCloudPlatform/docker-credential-gcr.',
}

const PREFIX = 'docker-credential-'

function wholeName(name: string): string {
  return `Docker puts ${PREFIX} in front by itself: write "${name.slice(PREFIX.length)}".`
}

/** A helper that is named and not installed: the classic is `"credsStore": "desktop"` without Docker Desktop. */
export function missingHelper(name: string): PullpassError {
  const origin = origins[name] ?? (name.startsWith(PREFIX) ? wholeName(name) : 'Install it.')
  const otherwise = `remove "${name}" from credsStore or credHelpers in config.json and run docker login again`
  return new PullpassError('ERR_CREDENTIALS', `The credential helper docker-credential-${name} is not in PATH`, {
    hint: `${origin} If it is not used any more, ${otherwise}.`,
  })
}

/** A helper that ended in any other way than with an answer. `stderr` is what it wrote there, fit to be shown. */
export function helperFailure(program: string, server: string, end: ProgramEnd, stderr: string): PullpassError {
  const said = stderr === '' ? '' : `. It wrote to standard error: ${stderr}`
  const byHand = `Run it by hand to see what it says: printf %s ${server} | ${program} get`
  const [what, hint] = describe(end, byHand)
  return new PullpassError('ERR_CREDENTIALS', `The credential helper ${program} ${what}, asked for ${server}${said}`, {
    hint,
  })
}

function describe(end: ProgramEnd, byHand: string): [what: string, hint: string] {
  switch (end.kind) {
    case 'exit':
      return [`failed with status ${end.status}`, byHand]
    case 'signal':
      return [`was ended by ${end.name}`, byHand]
    case 'timeout':
      return [
        'did not answer in time and was ended',
        `It may be waiting for someone to unlock a keychain. ${byHand} Where it only needs longer, raise the timeout.`,
      ]
    case 'flood':
      return ['answered with more than 1 MiB and was ended', byHand]
    case 'unstartable':
      return [
        `could not be started (${end.code})`,
        'Check that it is a program for this machine, and that this user may run it.',
      ]
  }
}
