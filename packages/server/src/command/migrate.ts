import type { Config } from '../config.ts'
import { migrateStore } from '../runtime/open-store.ts'
import { say } from './say.ts'

/** Brings the schema up to date and says what was done. */
export async function migrate(config: Config): Promise<void> {
  const applied = await migrateStore(config)
  say(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}.`)
}
