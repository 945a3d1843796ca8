import { randomInt } from 'node:crypto'
import { closeSync, openSync, readFileSync, readSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { ProblemError } from '../../domain/problem-error.ts'
import { makePrivateFile, syncToDisk } from '../private-files.ts'
import type { Synchronous } from './database.ts'

/** What the first 100 bytes of a database say (https://sqlite.org/fileformat2.html, 1.3). */
interface Head {
  /** Its changes go through a write-ahead log. */
  keepsLog: boolean
  /** The application id, which Hufu sets anew at every open and in every copy. */
  stamp: number
}

const WAL_HEADER = 32

export const newStamp = (): number => randomInt(1, 2 ** 31)

/**
 * Refuses a database beside a write-ahead log that was not written for it: SQLite would play one into the other, and
 * what came out would be neither (docs/decisions/0007-files.md). Returns the stamps that the file may bear from now on.
 * Asks the bytes themselves, so it must run while nothing in this process has the file open.
 *
 * @throws {ProblemError} `server_misconfigured`
 */
export function checkLog(file: string): number[] {
  const head = readHead(file)
  const stamp = head?.stamp ?? 0
  if (!((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > WAL_HEADER)) return [stamp]
  const known = readStamps(file)
  if (head?.keepsLog && (known.length === 0 || known.includes(stamp))) return [...known, stamp]
  throw new ProblemError(
    'server_misconfigured',
    `${file} is not the database that ${file}-wal was written for: another file was put in its place after a crash, or it was taken away. Opening it would mix the two. To go on with a backup: hufu restore <backup file>; to go on with what was here: put the former file back · 数据库文件与其日志（-wal）不匹配，通常是崩溃后直接覆盖了数据库。请用 hufu restore <备份文件> 恢复，或放回原来的文件`,
  )
}

/** Writes down which stamps the file may bear; durable when it returns, unless commits are not either. */
export function keepStamps(file: string, stamps: readonly number[], synchronous: Synchronous): void {
  const next = `${stampsOf(file)}.new`
  rmSync(next, { force: true })
  makePrivateFile(next)
  writeFileSync(next, `${[...new Set(stamps)].join('\n')}\n`)
  if (synchronous === 'FULL') syncToDisk(next, 'file')
  renameSync(next, stampsOf(file))
  if (synchronous === 'FULL') syncToDisk(dirname(file), 'folder')
}

export const setStamp = (db: DatabaseSync, stamp: number): void => db.exec(`PRAGMA application_id = ${stamp}`)

/** Whether the stamp has reached the file itself; until then it stands in the log. */
export const bearsStamp = (file: string, stamp: number): boolean => readHead(file)?.stamp === stamp

export const stampsOf = (file: string): string => `${file}.stamp`

function readStamps(file: string): number[] {
  try {
    return readFileSync(stampsOf(file), 'utf8').split('\n').filter(Boolean).map(Number).filter(Number.isInteger)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function readHead(file: string): Head | undefined {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return undefined
  const bytes = Buffer.alloc(100)
  const opened = openSync(file, 'r')
  try {
    if (readSync(opened, bytes) < bytes.length) return undefined
  } finally {
    closeSync(opened)
  }
  return { keepsLog: bytes[18] === 2, stamp: bytes.readInt32BE(68) }
}
