import { randomBytes } from 'node:crypto'
import type { Command } from 'commander'
import { say } from './say.ts'
import { writeSecretFile } from './secret-file.ts'

/** 32 random bytes in base64: a master key, or a token for the admin listener. */
export const newKey = (): string => randomBytes(32).toString('base64')

/** `hufu key make`. */
export function keyCommand(program: Command): void {
  program
    .command('key')
    .description('keys · 密钥')
    .command('make')
    .description('make a fresh 32-byte key, for HUFU_MASTER_KEY or HUFU_ADMIN_TOKEN · 生成密钥')
    .option('--out <file>', 'write it to this new file (0600) instead of printing it · 写入新文件')
    .option('--force', 'take the place of a file that is there: what only its key opens is lost · 覆盖已有文件')
    .action(({ out, force }: { out?: string; force?: boolean }) => {
      if (out === undefined) return say(newKey())
      writeSecretFile(out, `${newKey()}\n`, { replace: force === true })
      process.stderr.write(
        `Made ${out}, for its owner alone (0600). Keep a copy of it elsewhere · 已生成，请另行备份\n`,
      )
    })
}
