import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Backup } from '@hufu/contract'
import { type Command, InvalidArgumentError } from 'commander'
import { privateFolder } from '../adapters/private-files.ts'
import type { Environment } from '../config/config.ts'
import { readDataDir } from '../config/read-data-dir.ts'
import { givenSettings } from './configuration.ts'
import type { WithAdmin } from './with-admin.ts'

const MEANWHILE = `
  The server goes on answering meanwhile. The file is the owner's alone (0600), and holds sealed secrets: keep the master
  key elsewhere. Put it back with: hufu restore <file>
  备份期间服务照常运行。文件权限为 0600；主密钥请另行保存。用 hufu restore <file> 恢复。`

/** `hufu backup` */
export function backupCommand(program: Command, env: Environment, withAdmin: WithAdmin): void {
  program
    .command('backup <file>')
    .description('copy the database to a new file, or with - to standard output, while the server runs · 在线备份')
    .option('--force', 'take the place of a file that is there · 覆盖已有文件')
    .addHelpText('after', MEANWHILE)
    .action(async (file: string, { force }: { force?: boolean }) => {
      const copyTo = (target: string) =>
        withAdmin((admin) => admin.call('POST', 'backup', { file: target, replace: force === true } satisfies Backup))
      if (file === '-') return toOutput(readDataDir(givenSettings(env)), copyTo)
      const target = resolve(file)
      await copyTo(target)
      tell(target)
    })
}

/** By way of the data folder, where nobody else reads; the name is gone before the first byte is written. */
async function toOutput(folder: string, copyTo: (target: string) => Promise<unknown>): Promise<void> {
  if (process.stdout.isTTY) throw new InvalidArgumentError('A backup is not for a screen: send it to a file or a pipe.')
  const passing = join(folder, `hufu-backup-${randomUUID()}.passing`)
  privateFolder(folder)
  await copyTo(passing)
  const copy = await open(passing, 'r')
  rmSync(passing)
  await pipeline(copy.createReadStream(), process.stdout)
  tell('standard output')
}

/** On standard error: standard output may be the backup. */
const tell = (where: string): void => {
  process.stderr.write(`Copied to ${where}. It holds sealed secrets: keep the master key elsewhere · 备份完成\n`)
}
