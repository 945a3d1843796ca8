import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Environment } from '../config/config.ts'
import { databaseName } from '../config/database-url.ts'
import { restoreStore } from '../runtime/open-store.ts'
import { configuration } from './configuration.ts'
import { say, sayDatabase } from './say.ts'

const HOW = `
  Stop the server first. The file is checked whole: a sound database of Hufu, of this mode, sealed with this master key.
  The database that is there now is kept beside it under a dated name, its log included.
  All sessions end, and whoever was erased since the backup (erased.log, in the data folder and beside the backup) is
  erased again.
  先停止服务。备份会先经过完整检查（完整性、模式、主密钥）；现有数据库连同日志以带日期的名字保留。`

/** `hufu restore` */
export function restoreCommand(program: Command, env: Environment): void {
  program
    .command('restore <file>')
    .description('put a backup in the place of the database, while no server runs · 从备份恢复')
    .option('--keep-sessions', 'leave people signed in as they were at the time of the backup · 保留会话')
    .addHelpText('after', HOW)
    .action((file: string, options: { keepSessions?: boolean }) => {
      const config = configuration(env)
      const source = resolve(file)
      sayDatabase(databaseName(config.database))
      const keepSessions = options.keepSessions === true
      const { users, ended, erased, aside } = restoreStore(config, source, { keepSessions, now: Date.now() })
      say(`Restored ${source}: ${users} users. Start the server now · 已恢复，请启动服务`)
      if (ended > 0) say(`Sessions ended: ${ended}; --keep-sessions keeps them · 已结束会话`)
      if (erased > 0) say(`Erased since the backup, and erased again: ${erased} users · 备份后删除的用户已再次删除`)
      if (aside !== undefined) say(`The database that was here before is kept as ${aside} · 原数据库保留在该处`)
    })
}
