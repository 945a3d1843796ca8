import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { addBenchApps, startHufu } from './servers/hufu.ts'
import { APP_ID, openidOf, storedPerson, unionidOf } from './world/people.ts'

const CHUNK = 100_000
const DAY = 86_400_000

/** That the hot person has, who is the first of those stored. */
export const PAST_SESSIONS = 20_000

/** Makes a data folder of our own server, with two apps and so many people who have signed in to one of them once; the first many times more. One that is there is left as it is. */
export async function makeDatabase(
  command: string,
  folder: string,
  people: number,
  { pastSessions = 0 } = {},
): Promise<void> {
  if (existsSync(join(folder, 'hufu.db'))) return
  mkdirSync(folder, { recursive: true })
  const server = await startHufu({ command, folder, upstream: 'http://127.0.0.1:9' })
  await addBenchApps(folder)
  await server.stop()
  fill(join(folder, 'hufu.db'), people, pastSessions)
}

/** Sessions in the file that were not stored by `makeDatabase`, to hold against the logins that were answered. */
export function newSessionsIn(folder: string): number {
  const db = new DatabaseSync(join(folder, 'hufu.db'), { readOnly: true })
  const stored = `length(id) = ${idOf('ses', 0).length} AND id < 'ses_01'`
  const counted = db.prepare(`SELECT COUNT(*) AS sessions FROM sessions WHERE NOT (${stored})`).get()?.sessions
  db.close()
  return Number(counted)
}

/** Straight into the schema that the server made; indexes are made again afterwards, which is ten times faster. */
function fill(file: string, people: number, pastSessions: number): void {
  const db = new DatabaseSync(file)
  db.exec(
    'PRAGMA synchronous = OFF; PRAGMA cache_size = -524288; PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY',
  )
  const indexes = db
    .prepare(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('users', 'identities', 'sessions')",
    )
    .all()
  for (const { name } of indexes) db.exec(`DROP INDEX ${name}`)
  const user = db.prepare(
    "INSERT INTO users (id, realm_id, status, created_at, unionid) VALUES (?, 'default', 'active', ?, ?)",
  )
  const identity = db.prepare(
    'INSERT INTO identities (app_id, openid, user_id, first_seen_at, last_seen_at, session_key_sealed, session_key_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const session = db.prepare(
    'INSERT INTO sessions (id, user_id, app_id, openid, created_at, last_used_at, generation, key_number, salt, rotated_at) VALUES (?, ?, ?, ?, ?, ?, 0, 1, ?, ?)',
  )
  const from = Date.now() - 20 * DAY
  const sealedKey = new Uint8Array(73)
  const salt = new Uint8Array(16)
  for (let index = 0; index < people; index++) {
    if (index % CHUNK === 0) db.exec(index === 0 ? 'BEGIN' : 'COMMIT; BEGIN')
    const at = from + Math.floor((index / people) * 19 * DAY)
    const openid = openidOf(storedPerson(index))
    const userId = idOf('usr', index)
    user.run(userId, at, unionidOf(storedPerson(index)))
    identity.run(APP_ID, openid, userId, at, at, sealedKey, at)
    session.run(idOf('ses', index), userId, APP_ID, openid, at, at, salt, at)
  }
  const past = db.prepare(
    "INSERT INTO sessions (id, user_id, app_id, openid, created_at, last_used_at, generation, key_number, salt, rotated_at, ended) VALUES (?, ?, ?, ?, ?, ?, 0, 1, ?, ?, 'crowded_out')",
  )
  const hot = openidOf(storedPerson(0))
  for (let index = 0; index < pastSessions; index++) {
    past.run(idOf('ses', people + index), idOf('usr', 0), APP_ID, hot, from, from, salt, from)
  }
  db.exec('COMMIT')
  for (const { sql } of indexes) db.exec(String(sql))
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
}

/** The id of the user or session of a stored person: as long as a real one and older than any that is made now. */
export const idOf = (prefix: 'usr' | 'ses', index: number): string => `${prefix}_00${String(index).padStart(24, '0')}`
