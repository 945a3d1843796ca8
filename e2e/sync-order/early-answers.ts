import type { Call } from './read-trace.ts'

const SESSION = /ses_[0-9a-z]{26}/
const isLogWrite = ({ name, args }: Call): boolean => name.startsWith('pwrite') && /^\d+<[^>]*-wal>/.test(args)
const isLogSync = ({ name, args }: Call): boolean => /^f(data)?sync$/.test(name) && /^\d+<[^>]*-wal>/.test(args)
const isAnswer = ({ name, args }: Call): boolean =>
  /^(writev?|sendto)$/.test(name) && args.includes('HTTP/1.1 200') && SESSION.test(args)

export interface Order {
  /** Sessions of which an answer spoke, one for each answer. */
  answered: string[]
  /** Those of them that went out before a sync was done that had begun after the session was written to the log. */
  early: string[]
}

/**
 * Whether every answer that hands out a session waited for the disk.
 *
 * @param covering which write of the session counts: the `first` where many sign in at once, since a later one may be a
 *   neighbour's, on the same page; the `last` where one asks after the other, so that a refresh is not covered by the login
 */
export function orderOf(calls: readonly Call[], covering: 'first' | 'last'): Order {
  const writes = calls.filter(isLogWrite)
  const syncs = calls.filter(isLogSync)
  const order: Order = { answered: [], early: [] }
  for (const answer of calls.filter(isAnswer)) {
    const session = SESSION.exec(answer.args)?.[0] ?? ''
    const own = writes.filter((write) => write.to < answer.from && write.args.includes(session))
    const write = covering === 'first' ? own[0] : own.at(-1)
    const isCovered = write && syncs.some((sync) => sync.from > write.to && sync.to < answer.from)
    order.answered.push(session)
    if (!isCovered) order.early.push(session)
  }
  return order
}
