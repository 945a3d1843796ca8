import { DatabaseSync } from 'node:sqlite'
import { workerData } from 'node:worker_threads'
import { syncToDisk } from '../private-files.ts'
import { openReader } from './database.ts'
import { newStamp, setStamp } from './file-stamp.ts'

/** What a copy is made of and into which empty file. */
export interface CopyOrder {
  file: string
  into: string
}

/**
 * One read transaction on a connection of its own: no commit can make it start again, and it waits for no writer. The
 * copy is packed, so nothing deleted is in it, keeps no log, and bears a stamp of its own. On the disk when this returns.
 */
function copy({ file, into }: CopyOrder): void {
  const source = openReader(file)
  try {
    source.prepare('VACUUM INTO ?').run(into)
  } finally {
    source.close()
  }
  const made = new DatabaseSync(into)
  try {
    made.exec('PRAGMA journal_mode = MEMORY')
    setStamp(made, newStamp())
  } finally {
    made.close()
  }
  syncToDisk(into, 'file')
}

copy(workerData)
