import { type Erasure, erasureHash } from '../../../../domain/erasure.ts'
import type { Upkeep } from '../../../../ports/upkeep.ts'
import { number, optional, text, userId } from '../../rows/columns.ts'
import { all, count, type Row, run, type Statement, type Statements, sql } from '../../sql.ts'
import { read, write } from '../../transaction.ts'
import { audit } from '../events/write-events.ts'
import { eraseUser, keepErasure } from '../users/erase-user.ts'

/** Rows looked at in one statement. */
const SLICE = 1000

export const erasures = read<Upkeep['erasures']>(function* ({ since }) {
  const found = yield* all(sql`SELECT hash, at FROM erasures WHERE at >= ${since} ORDER BY at, hash`)
  return found.map((row) => ({ hash: text(row.hash), at: number(row.at) }))
})

export const startEpoch = write<Upkeep['startEpoch']>(function* ({ act, epoch, keepSessions, erasureKey, erasures }) {
  yield* setTo('epoch', epoch)
  yield* setTo('erasure-key', erasureKey)
  const erased = erasures.length === 0 ? 0 : yield* eraseAgain(act, erasureKey, erasures)
  for (const one of erasures) yield* keepErasure(one)
  const ended = keepSessions ? 0 : yield* endAllSessions()
  yield* audit(act, { kind: 'backup_restored', outcome: 'ok', detail: { epoch, ended, erased } })
  return { ended, erased }
})

/** Slice by slice, so that no statement runs for longer than a database waits for one. */
function* endAllSessions(): Statements<number> {
  let ended = 0
  for (let after = ''; ; ) {
    const slice = yield* all(sql`SELECT id FROM sessions WHERE id > ${after} ORDER BY id LIMIT ${SLICE}`)
    const last = slice.at(-1)
    if (!last) return ended
    const to = text(last.id)
    ended += yield* count(sql`
      UPDATE sessions SET ended = 'operator' WHERE id > ${after} AND id <= ${to} AND ended IS NULL RETURNING 1`)
    after = to
  }
}

function* setTo(name: string, value: string): Statements<void> {
  yield* run(sql`
    INSERT INTO settings (name, value) VALUES (${name}, ${value}) ON CONFLICT (name) DO UPDATE SET value = excluded.value`)
}

type EpochAct = Parameters<Upkeep['startEpoch']>[0]['act']

/**
 * Erases those whom the backup still holds: by id, which nobody gets again; and by openid and unionid, which somebody may
 * have had under another id at the time of the backup, unless they came after the erasure. Returns how many users.
 */
function* eraseAgain(act: EpochAct, key: string, given: Erasure[]): Statements<number> {
  const times = new Map(given.map(({ hash, at }) => [hash, at]))
  let erased = 0
  yield* walk(
    (after) => sql`
      SELECT id, realm_id, unionid, status, created_at FROM users WHERE id > ${after} ORDER BY id LIMIT ${SLICE}`,
    ({ id }) => text(id),
    function* (row) {
      const isLiving = row.status === 'active' || row.status === 'blocked'
      if (isLiving && times.has(erasureHash(key, { userId: text(row.id) }))) {
        yield* eraseUser(act, userId(row.id))
        erased++
        return
      }
      const unionid = optional(text, row.unionid)
      const at = unionid && times.get(erasureHash(key, { realmId: text(row.realm_id), unionid }))
      if (at && number(row.created_at) <= at)
        yield* run(sql`UPDATE users SET unionid = NULL WHERE id = ${row.id ?? null}`)
    },
  )
  yield* walk(
    (after) => {
      const [appId = '', openid = ''] = after.split(' ')
      return sql`
        SELECT app_id, openid, user_id, first_seen_at FROM identities WHERE (app_id, openid) > (${appId}, ${openid})
        ORDER BY app_id, openid LIMIT ${SLICE}`
    },
    ({ app_id, openid }) => `${text(app_id)} ${text(openid)}`,
    function* (row) {
      const [appId, openid] = [text(row.app_id), text(row.openid)]
      const at = times.get(erasureHash(key, { appId, openid }))
      if (at === undefined || number(row.first_seen_at) > at) return
      yield* run(sql`DELETE FROM identities WHERE app_id = ${appId} AND openid = ${openid}`)
      yield* run(sql`
        UPDATE sessions SET ended = 'deleted'
        WHERE user_id = ${text(row.user_id)} AND app_id = ${appId} AND openid = ${openid} AND ended IS NULL`)
    },
  )
  return erased
}

function* walk(
  slice: (after: string) => Statement,
  nameOf: (row: Row) => string,
  visit: (row: Row) => Statements<void>,
): Statements<void> {
  for (let after = ''; ; ) {
    const rows = yield* all(slice(after))
    for (const row of rows) yield* visit(row)
    const last = rows.at(-1)
    if (!last) return
    after = nameOf(last)
  }
}
