import { after } from 'node:test'
import type { OpenTables } from './store-fixture.ts'

export interface Recyclable extends OpenTables {
  /** Runs statements of SQL on the tables themselves, in one transaction. */
  run(sql: string): Promise<void>
}

/** In an order that no foreign key minds. */
const TABLES = [
  'outbox',
  'audit_events',
  'conflicts',
  'unifications',
  'login_codes',
  'spent_assertions',
  'cloud_keys',
  'sessions',
  'identities',
  'users',
  'apps',
  'realms',
  'keys',
  'settings',
] as const

/**
 * Opens a store once and empties its tables between tests: to open one takes a hundred times as long. A store that a test
 * has closed, or broken, is not used again.
 */
export function recycle(openFresh: () => Promise<Recyclable>): () => Promise<OpenTables> {
  let spare: Recyclable | undefined
  after(async () => {
    await spare?.close()
  })
  return async () => {
    const opened = spare ?? (await openFresh())
    spare = undefined
    return {
      store: opened.store,
      select: opened.select,
      async close() {
        const isOpen = await opened.store.upkeep.ping().then(
          () => true,
          () => false,
        )
        if (isOpen && !spare) {
          await opened.run(`${TABLES.map((table) => `DELETE FROM ${table}`).join('; ')};
            INSERT INTO settings (name, value) VALUES ('revision', '0')`)
          spare = opened
        } else {
          await opened.close()
        }
      },
    }
  }
}
