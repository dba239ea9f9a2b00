/** One line of a log: fields first, then the message, as pino and bunyan take them. */
export type LogMethod = (fields: Record<string, unknown>, message: string) => void

/** The user's own logger: pino's shape. Nothing is logged where none is given. No field ever holds a secret. */
export interface Logger {
  readonly debug: LogMethod
  readonly info: LogMethod
  readonly warn: LogMethod
  readonly error: LogMethod
}
