import type { Clock } from '../ports/clock.ts'
import type { Fields, Log } from '../ports/log.ts'

/** A log in which what happens again and again is one line, and then counts. */
export interface FoldingLog extends Log {
  /** Says how often each thing has happened since the last time, and what has ended since. Called every few seconds. */
  tell(): void
}

/** Fields by which two lines of one event are about different things; all others (who, when, how long) may differ. */
const KIND_FIELDS = ['code', 'reason', 'app', 'chore'] as const
/** Kinds of one event beyond these are counted together: a log must not grow with what strangers make up. */
const MOST_KINDS = 30
const BESIDES = '(others)'

interface Repeated {
  event: string
  kind: Fields
  warns: boolean
  /** Since the last time that it was told. */
  times: number
  /** Since it began. */
  total: number
}

/**
 * Says the first of its kind at once and whole; those that follow are counted, and told as a number (`repeated`) until
 * none comes any more (`over`). Lines of level `debug` are left alone.
 */
export function foldRepeats(log: Log, clock: Clock): FoldingLog {
  const known = new Map<string, Map<string, Repeated>>()
  let toldAt = clock.now()

  /** Whether this is the first of its kind. */
  const isFirst = (event: string, fields: Fields | undefined, warns: boolean, internal = ''): boolean => {
    const kinds = known.get(event) ?? new Map<string, Repeated>()
    known.set(event, kinds)
    const kind = kindOf(fields)
    const name = JSON.stringify([kind, internal])
    const key = kinds.has(name) || kinds.size < MOST_KINDS ? name : BESIDES
    const found = kinds.get(key)
    if (!found) {
      kinds.set(key, { event, kind: key === BESIDES ? { kind: BESIDES } : kind, warns, times: 0, total: 1 })
      return true
    }
    found.times++
    found.total++
    return false
  }

  return {
    debug: (event, fields) => log.debug(event, fields),
    info(event, fields) {
      if (isFirst(event, fields, false)) log.info(event, fields)
    },
    warn(event, fields) {
      if (isFirst(event, fields, true)) log.warn(event, fields)
    },
    error(event, error, fields) {
      // Of our own faults each is another one, whatever numbers it names.
      const internal = fields?.code === 'internal' ? innermost(error).replace(/\d+/g, '#') : ''
      if (isFirst(event, fields, true, internal)) log.error(event, error, fields)
    },
    tell() {
      const seconds = Math.round((clock.now() - toldAt) / 1000)
      toldAt = clock.now()
      for (const kinds of known.values()) {
        for (const [key, { event, kind, warns, times, total }] of kinds) {
          const say = warns ? log.warn : log.info
          if (times > 0) say('repeated', { ...kind, event, times, seconds })
          else if (total > 1) say('over', { ...kind, event, times: total })
          const repeated = kinds.get(key)
          if (repeated && times > 0) repeated.times = 0
          else kinds.delete(key)
        }
      }
    },
  }
}

function kindOf(fields: Fields | undefined): Fields {
  const kind: Record<string, string | number | boolean> = {}
  for (const name of KIND_FIELDS) if (fields?.[name] !== undefined) kind[name] = fields[name]
  return kind
}

const innermost = (error: Error): string =>
  error.cause instanceof Error ? innermost(error.cause) : `${error.name}: ${error.message}`
