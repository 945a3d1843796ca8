import { DatabaseSync } from 'node:sqlite'
import { ProblemError } from '../../domain/problem-error.ts'
import { readMigrations } from '../migrations.ts'

/** What a backup must have been made with to be opened by this process. */
export interface Expected {
  mode: string
  /** Of the master key, and of the previous one if there is one. */
  keyChecks: readonly string[]
}

/**
 * Checks a copy of a backup, whole. Leaves it in one piece, without a log. Returns how many users are in it.
 *
 * @param name what the operator calls the file
 * @throws {ProblemError} `invalid_request` saying what is wrong with it
 */
export function inspectBackup(copy: string, name: string, { mode, keyChecks }: Expected): number {
  const refuse = (why: string): never => {
    throw new ProblemError('invalid_request', `${name} was not restored, and nothing was changed: ${why}`)
  }
  const db = new DatabaseSync(copy)
  const one = (sql: string): unknown => Object.values(db.prepare(sql).get() ?? {})[0]
  try {
    if (asked(() => one('PRAGMA integrity_check(1)')) !== 'ok') {
      refuse('it is damaged, or not a database · 文件已损坏或不是数据库')
    }
    db.exec('PRAGMA journal_mode = DELETE')
    const setting = (of: string) => asked(() => one(`SELECT value FROM settings WHERE name = '${of}'`))
    const users = asked(() => one('SELECT COUNT(*) FROM users'))
    const made = setting('mode')
    if (typeof users !== 'number' || typeof made !== 'string') {
      return refuse('it is a database, but not one of Hufu · 不是 Hufu 的数据库')
    }
    if (Number(one('PRAGMA user_version')) > (readMigrations('sqlite').at(-1)?.number ?? 0)) {
      refuse('it was made by a newer Hufu: upgrade Hufu first · 备份来自更新的版本，请先升级')
    }
    if (made !== mode) {
      refuse(`it was made in ${made} mode, and this is ${mode}: set HUFU_MODE=${made} · 运行模式不同`)
    }
    if (!keyChecks.some((check) => check === setting('key-check'))) {
      refuse('it was sealed with another master key: set HUFU_MASTER_KEY to the one of its time · 主密钥不匹配')
    }
    return users
  } finally {
    db.close()
  }
}

/** An answer that cannot be had is none: the file is whatever an operator named. */
function asked(ask: () => unknown): unknown {
  try {
    return ask()
  } catch {
    return undefined
  }
}
