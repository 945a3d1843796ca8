import type { Command } from 'commander'
import type { Environment } from '../config/config.ts'
import { databaseName } from '../config/database-url.ts'
import { migrateStore } from '../runtime/open-store.ts'
import { configuration } from './configuration.ts'
import { say, sayDatabase } from './say.ts'

/** `hufu migrate`: brings the schema up to date and says what was done. */
export function migrateCommand(program: Command, env: Environment): void {
  program
    .command('migrate')
    .description(
      'make the database, or bring it up to this release; safe to run at any time and twice · 创建或升级数据库',
    )
    .action(async () => {
      const config = configuration(env)
      sayDatabase(databaseName(config.database))
      const applied = await migrateStore(config)
      say(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}.`)
    })
}
