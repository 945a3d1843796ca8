// Put in front of the server (`--import`): no transaction is synced any more, as with `PRAGMA synchronous = NORMAL`, while
// the server still gets FULL when it asks after opening.
import { DatabaseSync } from 'node:sqlite'

const { exec } = DatabaseSync.prototype
DatabaseSync.prototype.exec = function (sql) {
  if (sql.startsWith('BEGIN')) exec.call(this, 'PRAGMA synchronous = NORMAL')
  return exec.call(this, sql)
}
