import { openidOf, sessionKeyOf, storedPerson, unionidOf } from '../world/people.ts'
import { fill, openDatabase } from './database.mjs'

/** The one table of a tutorial, with so many people in it. Returns what a login does with it: one statement, one commit. */
export function openUsers(file, people) {
  const db = openDatabase(file)
  db.exec(`CREATE TABLE users (
    id INTEGER PRIMARY KEY, openid TEXT NOT NULL UNIQUE, unionid TEXT, session_key TEXT, created_at INTEGER, last_login_at INTEGER
  )`)
  const upsert = db.prepare(`
    INSERT INTO users (openid, unionid, session_key, created_at, last_login_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (openid) DO UPDATE
    SET unionid = excluded.unionid, session_key = excluded.session_key, last_login_at = excluded.last_login_at
    RETURNING id
  `)
  const upsertUser = ({ openid, unionid, session_key }) => {
    const now = Date.now()
    return upsert.get(openid, unionid ?? null, session_key, now, now).id
  }
  fill(db, people, (index) => {
    const person = storedPerson(index)
    upsertUser({ openid: openidOf(person), unionid: unionidOf(person), session_key: sessionKeyOf(person) })
  })
  return upsertUser
}
