import { stringify } from 'yaml'
import type { Logger } from 'pullpass'
import { formatProgress, type PullProgress } from 'pullpass/docker'
import type { imagePullSecret } from 'pullpass/kubernetes'

let steps = 0

/** Prints a numbered heading, or what belongs under it. */
export const heading = (text: string): void => console.log(`\n${++steps}. ${text}`)
export const say = (text: string): void => console.log(text.replaceAll(/^/gm, '   '))

const line =
  (level: string) =>
  (fields: Record<string, unknown>, message: string): void =>
    say(
      `${level} ${Object.entries(fields)
        .map(([key, value]) => `${key}=${JSON.stringify(value)} `)
        .join('')}${message}`,
    )

/** A logger that prints as OpenCTI's connector manager does. */
export const logger: Logger = { debug: () => {}, info: line('INFO'), warn: line('WARN'), error: line('ERROR') }

/** The Secret as `kubectl` would take it, with what is secret in it replaced. */
export function maskedYaml(secret: ReturnType<typeof imagePullSecret>): string {
  const { data, ...rest } = secret
  const config = Buffer.from(data?.['.dockerconfigjson'] ?? '', 'base64').toString()
  const mask = (key: string, value: unknown): unknown => (key === 'password' || key === 'auth' ? '***' : value)
  return stringify({ ...rest, stringData: { '.dockerconfigjson': JSON.stringify(JSON.parse(config, mask)) } })
}

/** A bar that fills up, on one line of a terminal. */
export function progressBar(progress: PullProgress): void {
  const line = `   ${formatProgress(progress)}`
  const complete = progress.phase === 'complete'
  if (process.stdout.isTTY) process.stdout.write(`\r${line.padEnd(90)}${complete ? '\n' : ''}`)
  else if (complete) console.log(line)
}
