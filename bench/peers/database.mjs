import { DatabaseSync } from 'node:sqlite'

/** A file with the settings that Hufu's own has: what is measured is what is done with it. */
export function openDatabase(file) {
  const db = new DatabaseSync(file)
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA cache_size = -16384;
    PRAGMA temp_store = MEMORY;
    PRAGMA wal_autocheckpoint = 4000;
  `)
  return db
}

/** Lets so many people have been there before, in one transaction. */
export function fill(db, people, add) {
  db.exec('BEGIN')
  for (let index = 0; index < people; index++) add(index)
  db.exec('COMMIT')
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
}
