import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { APP_ID } from '../world/people.ts'
import type { Committed, Login } from './commits.ts'

const db = new DatabaseSync(workerData)
db.exec(`
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA foreign_keys = OFF;
  PRAGMA cache_size = -65536;
  PRAGMA mmap_size = 4294967296;
  PRAGMA temp_store = MEMORY;
  PRAGMA wal_autocheckpoint = 4000;
`)

const known = db.prepare(
  'UPDATE identities SET last_seen_at = ?, session_key_sealed = ?, session_key_at = ? WHERE app_id = ? AND openid = ? RETURNING user_id',
)
const newUser = db.prepare(
  "INSERT INTO users (id, realm_id, status, created_at, unionid) VALUES (?, 'default', 'active', ?, ?)",
)
const newIdentity = db.prepare(
  'INSERT INTO identities (app_id, openid, user_id, first_seen_at, last_seen_at, session_key_sealed, session_key_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
)
const outbox = db.prepare("INSERT INTO outbox (at, kind, user_id, detail) VALUES (?, 'user.created', ?, '{}')")
const session = db.prepare(
  'INSERT INTO sessions (id, user_id, app_id, openid, created_at, last_used_at, generation, key_number, salt, rotated_at) VALUES (?, ?, ?, ?, ?, ?, 0, 1, ?, ?)',
)
const codes = db.prepare(
  'INSERT INTO login_codes (app_id, code_hash, nonce_hash, session_id, is_new, created_at) VALUES (?, ?, ?, ?, ?, ?)',
)
const audit = db.prepare(
  "INSERT INTO audit_events (at, kind, actor, user_id, app_id, session_id, outcome, request_id, detail) VALUES (?, 'login', 'floor', ?, ?, ?, 'ok', ?, '{}')",
)

parentPort?.on('message', (logins: Login[]) => {
  db.exec('BEGIN IMMEDIATE')
  const committed = logins.map(write)
  db.exec('COMMIT')
  parentPort?.postMessage(committed)
})

function write([openid, unionid, newUserId, sealed, sessionId, salt, codeHash, nonceHash, now]: Login): Committed {
  const key = Buffer.from(sealed, 'latin1')
  const found = known.get(now, key, now, APP_ID, openid)
  const user = found ? String(found.user_id) : newUserId
  if (!found) {
    newUser.run(user, now, unionid)
    newIdentity.run(APP_ID, openid, user, now, now, key, now)
    outbox.run(now, user)
  }
  session.run(sessionId, user, APP_ID, openid, now, now, salt, now)
  codes.run(
    APP_ID,
    Buffer.from(codeHash, 'base64url'),
    Buffer.from(nonceHash, 'base64url'),
    sessionId,
    found ? 0 : 1,
    now,
  )
  audit.run(now, user, APP_ID, sessionId, sessionId)
  return { user, isNew: !found }
}
