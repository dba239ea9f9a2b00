import type { Logger, LogMethod } from 'pullpass'

/** Lines of JSON, as OpenCTI's connector manager prints them by default. */
const line =
  (level: string): LogMethod =>
  (fields, message) =>
    console.log(JSON.stringify({ timestamp: new Date(), level, fields: { message, ...fields } }))

export const logger: Logger = { debug: () => undefined, info: line('INFO'), warn: line('WARN'), error: line('ERROR') }
