import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { newAct, OPERATOR } from '../../domain/act.ts'
import { newEpoch, newErasureKey } from '../../domain/epoch.ts'
import { type Erasure, erasureKeyId } from '../../domain/erasure.ts'
import { ProblemError } from '../../domain/problem-error.ts'
import { addToErasedLog, erasedLogIn, readErasedLog } from '../erased-log.ts'
import { syncToDisk } from '../private-files.ts'
import { transactions } from '../sql/transactions/index.ts'
import { migrateSqlite } from './migrate.ts'
import { transactionRunner } from './run-transaction.ts'

interface Restoring {
  /** The database that stands there now, if one does. */
  file: string
  /** The backup. */
  source: string
  /** A copy of it, which nobody uses yet. */
  part: string
  keepSessions: boolean
  /** Milliseconds since 1970. */
  now: number
}

interface Known {
  key: string | undefined
  erasures: Erasure[]
}

/**
 * Brings the copy of a backup into the present: this release's schema, a new epoch, and nobody in it who was erased since.
 * Who that is stands in `erased.log` in the data folder and beside the backup, and in the database that stands there now.
 *
 * @throws {ProblemError} `invalid_request` when a list of erasures was hashed with a key that neither database holds
 */
export function restoreErasures({ file, source, part, keepSessions, now }: Restoring) {
  const current = knownTo(file)
  const backup = knownTo(part)
  const logs = [erasedLogIn(dirname(file)), erasedLogIn(dirname(source))]
  const lists = logs.map((log) => ({ log, ...readErasedLog(log) }))
  // A backup of an earlier release holds no key yet: the database that stands there now has made one since.
  const erasureKey = backup.key ?? current.key ?? newErasureKey()
  const foreign = lists.find(({ keyId }) => keyId !== undefined && keyId !== erasureKeyId(erasureKey))
  if (foreign) throw unreadable(source, foreign.log)
  const own = current.key === erasureKey ? current.erasures : []
  const erasures = latest([...own, ...lists.flatMap((list) => list.erasures)])

  const db = new DatabaseSync(part)
  try {
    migrateSqlite(db)
    db.exec('BEGIN IMMEDIATE')
    const act = newAct(OPERATOR, now, 'restore')
    const input = { act, epoch: newEpoch(), keepSessions, erasureKey, erasures }
    const { ended, erased } = transactionRunner(db)(transactions.upkeep.startEpoch.begin(input))
    db.exec('COMMIT')
    const users = Number(db.prepare("SELECT COUNT(*) AS n FROM users WHERE status <> 'deleted'").get()?.n)
    if (erasures.length > 0) addToErasedLog(erasedLogIn(dirname(file)), erasureKey, erasures)
    return { users, ended, erased }
  } finally {
    db.close()
    syncToDisk(part, 'file')
  }
}

/** What a database knows of erasures; nothing, where there is none, or one that does not open or is of an earlier release. */
function knownTo(file: string): Known {
  if (!existsSync(file)) return { key: undefined, erasures: [] }
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(file, { readOnly: true })
    const key = db.prepare("SELECT value FROM settings WHERE name = 'erasure-key'").get()?.value
    const erasures = db.prepare('SELECT hash, at FROM erasures').all()
    return {
      key: typeof key === 'string' ? key : undefined,
      erasures: erasures.map(({ hash, at }) => ({ hash: String(hash), at: Number(at) })),
    }
  } catch {
    return { key: undefined, erasures: [] }
  } finally {
    db?.close()
  }
}

function latest(erasures: Erasure[]): Erasure[] {
  const times = new Map<string, number>()
  for (const { hash, at } of erasures) times.set(hash, Math.max(at, times.get(hash) ?? 0))
  return [...times].map(([hash, at]) => ({ hash, at }))
}

const unreadable = (source: string, log: string): ProblemError =>
  new ProblemError(
    'invalid_request',
    `${source} was not restored, and nothing was changed: ${log} belongs to another database, so nobody can tell whom it erases. Restore into the data folder of that backup, or move the file away if it is not this database's · 删除记录属于另一个数据库：请恢复到对应的数据目录，或确认无关后移走它`,
  )
