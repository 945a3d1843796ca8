import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openReader, openWriter } from './database.ts'
import { migrateSqlite } from './migrate.ts'
import { startWriter } from './writer.ts'

test('a job that fails in a batch harms no other and leaves nothing behind', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-writer-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'hufu.db')
  const db = openWriter(file, 'OFF')
  migrateSqlite(db)
  db.close()
  const writer = await startWriter(file, 'OFF')

  const act = { actor: 'test', requestId: 'req', now: 1 }
  const realm = (id: string | null) =>
    writer.run({ port: 'registry', method: 'addRealm' }, { act, realm: { id, name: id, createdAt: 1 } })
  const outcomes = await Promise.allSettled([
    realm('before'),
    realm(null), // the schema refuses it
    writer.run({ port: 'events', method: 'record' }, { act, entry: { kind: 'backup_made', outcome: null } }), // and this
    realm('after'),
  ])
  await writer.close()

  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
  )
  const reader = openReader(file)
  const ids = (sql: string): unknown[] =>
    reader
      .prepare(sql)
      .all()
      .map(({ id }) => id)
  assert.deepEqual(ids('SELECT id FROM realms ORDER BY id'), ['after', 'before'])
  assert.deepEqual(ids('SELECT kind AS id FROM audit_events'), ['realm_added', 'realm_added'])
  reader.close()
})
