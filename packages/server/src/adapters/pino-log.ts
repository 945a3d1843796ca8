import { pino } from 'pino'
import type { Log } from '../ports/log.ts'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
/** The least that is logged; `silent` logs nothing. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** JSON lines on standard error. Of an error go its name, code and message, with those of its causes: never its fields. */
export function pinoLog(level: LogLevel, destination: NodeJS.WritableStream = process.stderr): Log {
  const log = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
  return {
    debug: (event, fields) => log.debug(fields ?? {}, event),
    info: (event, fields) => log.info(fields ?? {}, event),
    warn: (event, fields) => log.warn(fields ?? {}, event),
    error: (event, error, fields) => log.error({ ...fields, error: describe(error) }, event),
  }
}

function describe(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : ''
  const cause = error.cause instanceof Error ? ` ← ${describe(error.cause)}` : ''
  return `${error.name}${code}: ${error.message}${cause}`
}
