import { newId } from '../../src/domain/ids.ts'
import type { Row, StoreFixture } from './store-fixture.ts'

/** What the tables hold about some apps and the users made within some time, read by SELECTs that no code of ours takes part in. */
export interface Tables {
  users: Row[]
  identities: Row[]
  sessions: Row[]
  conflicts: Row[]
  unifications: Row[]
  /** Rows since the tables were last read. */
  audit: Row[]
  outbox: Row[]
}

export interface Window {
  apps: readonly string[]
  /** Milliseconds: everything in the window has an id made in `[from, until)`. */
  from: number
  until: number
}

export async function readTables(
  fixture: StoreFixture,
  { apps, from, until }: Window,
  since: { audit: number; outbox: number },
): Promise<Tables> {
  // Ids begin with their time, so that a range of them is a range of time: only rows of the window are touched.
  const [first, last] = [from, until].map((at) => newId('usr', at).slice(3, 14))
  const range = (prefix: string): [string, string] => [`${prefix}${first}`, `${prefix}${last}`]
  const [users, identities, sessions, conflicts, unifications, audit, outbox] = await fixture.look(
    [
      'SELECT id, realm_id, status, created_at, unionid, survivor_id FROM users WHERE id >= ? AND id < ? ORDER BY id',
      ...range('usr'),
    ],
    [
      `SELECT i.app_id, i.openid, i.user_id, i.pinned, a.realm_id FROM identities i JOIN apps a ON a.id = i.app_id
       WHERE i.app_id IN (${apps.map(() => '?').join(', ')}) ORDER BY i.app_id, i.openid`,
      ...apps,
    ],
    ['SELECT id, user_id, app_id, openid, ended FROM sessions WHERE id >= ? AND id < ? ORDER BY id', ...range('ses')],
    [
      'SELECT id, app_id, openid, unionid, user_id, holder_id, count, decision FROM conflicts WHERE id >= ? AND id < ?',
      ...range('cfl'),
    ],
    [
      'SELECT id, survivor_id, absorbed_id, detail, undone_at FROM unifications WHERE id >= ? AND id < ?',
      ...range('uni'),
    ],
    ['SELECT seq, kind, user_id, request_id FROM audit_events WHERE seq > ? ORDER BY seq', since.audit],
    ['SELECT seq, kind, user_id, detail FROM outbox WHERE seq > ? ORDER BY seq', since.outbox],
  )
  if (!users || !identities || !sessions || !conflicts || !unifications || !audit || !outbox) throw new TypeError()
  return { users, identities, sessions, conflicts, unifications, audit, outbox }
}

/** A conflict by its (app, openid, unionid), in the model's spelling. */
export const conflictName = (row: Row): string => `${row.app_id} ${row.openid} ${row.unionid}`
