import { resolve } from 'node:path'
import type { Command } from 'commander'
import { say } from './say.ts'
import type { WithAdmin } from './with-admin.ts'

/** `hufu backup` */
export function backupCommand(program: Command, withAdmin: WithAdmin): void {
  program
    .command('backup <file>')
    .description('copy the database to a file, while the server runs · 在线备份')
    .action(async (file: string) => {
      const target = resolve(file)
      await withAdmin((admin) => admin.call('POST', 'backup', { file: target }))
      say(`Copied to ${target}. It holds sealed secrets: keep the master key elsewhere.`)
    })
}
