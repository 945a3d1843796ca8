import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openSqliteStore } from '../../src/adapters/sqlite/store.ts'
import type { Recyclable } from './recycle.ts'
import type { Cell } from './store-fixture.ts'

/** A store on a file of its own, and a second connection to ask the tables. What is committed here is not synced. */
export async function openTestSqlite(): Promise<Recyclable> {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-store-'))
  const file = join(folder, 'hufu.db')
  const store = await openSqliteStore(file, { synchronous: 'OFF' })
  const window = new DatabaseSync(file, { timeout: 5000 })
  return {
    store,
    select: async (sql) => window.prepare(sql).all().map(readable),
    run: async (sql) => window.exec(`BEGIN IMMEDIATE; ${sql}; COMMIT`),
    async close() {
      window.close()
      await store.upkeep.close().catch(() => undefined) // a test may have closed it
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Bytes as hexadecimal digits, so that tables compare as they print. */
export const readable = (row: Record<string, unknown>): Record<string, Cell> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : (value as Cell),
    ]),
  )
