import { randomUUID } from 'node:crypto'
import { chmodSync, constants, copyFileSync, existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ProblemError } from '../../domain/problem-error.ts'
import { privateFolder, syncToDisk } from '../private-files.ts'
import { newStamp, setStamp } from './file-stamp.ts'
import { type Expected, inspectBackup } from './inspect-backup.ts'
import { holdFolder } from './lock.ts'
import { restoreErasures } from './restore-erasures.ts'

export interface Restored {
  users: number
  /** Sessions that ended, since what became of them after the backup is forgotten. */
  ended: number
  /** Users of the backup who had been erased since, and are again. */
  erased: number
  /** Where the database that stood here before is now, its log beside it; undefined when there was none. */
  aside: string | undefined
}

/** What belongs to a database besides its file, and must not outlive it. */
const COMPANIONS = ['-wal', '-shm', '-journal'] as const

/**
 * Puts a backup in the place of the database. The backup is copied, and the copy is what is checked and used; the former
 * database is kept whole under another name before anything of it is touched. Cut off anywhere, there stands the former
 * database, or the new one, or a pair that `checkLog` refuses and that restoring again puts right.
 *
 * @throws {ProblemError} `server_misconfigured` when a server runs on the folder; `invalid_request` when the file is no
 *   sound backup for this configuration. Nothing is changed then.
 */
export function restoreSqliteFile(
  file: string,
  source: string,
  expected: Expected & { keepSessions: boolean; now: number },
): Restored {
  refuseSource(file, source)
  const folder = dirname(file)
  privateFolder(folder)
  const held = holdFolder(folder)
  const part = `${file}.${randomUUID().slice(0, 8)}.part`
  try {
    takeCopy(source, part, expected)
    const restored = restoreErasures({ file, source, part, ...expected })
    const aside = setAside(file, folder)
    renameSync(part, file)
    syncToDisk(folder, 'folder') // or the log could be gone while the former database is still there
    for (const end of COMPANIONS) rmSync(file + end, { force: true })
    syncToDisk(folder, 'folder')
    return { ...restored, aside }
  } finally {
    for (const end of ['', ...COMPANIONS]) rmSync(part + end, { force: true })
    held.release()
  }
}

function refuseSource(file: string, source: string): void {
  const from = statSync(source, { throwIfNoEntry: false })
  if (!from?.isFile()) throw new ProblemError('invalid_request', `${source} is not a file.`)
  const to = statSync(file, { throwIfNoEntry: false })
  if (to && to.dev === from.dev && to.ino === from.ino) {
    throw new ProblemError('invalid_request', `${source} is the database itself, not a backup of it.`)
  }
  for (const end of ['-wal', '-journal']) {
    if (!((statSync(source + end, { throwIfNoEntry: false })?.size ?? 0) > 0)) continue
    throw new ProblemError(
      'invalid_request',
      `${source} is not whole by itself: ${source}${end} belongs to it. Start a server on a copy of both and stop it, or make the backup with: hufu backup`,
    )
  }
}

function takeCopy(source: string, part: string, expected: Expected): void {
  copyFileSync(source, part, constants.COPYFILE_EXCL)
  chmodSync(part, 0o600)
  inspectBackup(part, source, expected)
  const copy = new DatabaseSync(part)
  try {
    setStamp(copy, newStamp())
  } finally {
    copy.close()
  }
  syncToDisk(part, 'file')
}

/** Second names for the files that are there: until the new database stands, the former one stays where it is. */
function setAside(file: string, folder: string): string | undefined {
  const there = ['', ...COMPANIONS].filter((end) => existsSync(file + end))
  if (there.length === 0) return undefined
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  let aside = `${file}.before-restore-${time}`
  for (let n = 2; there.some((end) => existsSync(aside + end)); n++) aside = `${file}.before-restore-${time}-${n}`
  for (const end of there) {
    keepAs(file + end, aside + end)
    chmodSync(aside + end, 0o600)
  }
  syncToDisk(folder, 'folder')
  return aside
}

function keepAs(file: string, name: string): void {
  try {
    linkSync(file, name)
  } catch {
    copyFileSync(file, name, constants.COPYFILE_EXCL) // a file system without links
    syncToDisk(name, 'file')
  }
}
