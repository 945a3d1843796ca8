import { Command } from 'commander'
import type { Environment } from '../config/config.ts'
import { appCommand } from './app.ts'
import { backupCommand } from './backup.ts'
import { cloudKeyCommand } from './cloud-key.ts'
import { conflictsCommand } from './conflicts.ts'
import { devCommand } from './dev.ts'
import { keyCommand } from './key.ts'
import { keysCommand } from './keys.ts'
import { migrateCommand } from './migrate.ts'
import { realmCommand } from './realm.ts'
import { restoreCommand } from './restore.ts'
import { serveCommand } from './serve.ts'
import { unificationsCommand } from './unifications.ts'
import { withAdminOf } from './with-admin.ts'

/** The `hufu` command, whole. */
export function program(env: Environment, version: string): Command {
  const root = new Command('hufu')
    .description(
      'A wx.login code goes in, a person comes out: openid, unionid, a user, a session.\n微信登录：code 进，用户出。',
    )
    .version(version)
    .exitOverride() // commands made below inherit it
    .showHelpAfterError('Add --help to see what is possible · 加 --help 查看用法')
    .addHelpText(
      'after',
      '\nSettings are environment variables HUFU_* or hufu.config.json: hufu serve --help lists them · 配置项见 hufu serve --help',
    )
  const withAdmin = withAdminOf(env)
  serveCommand(root, env)
  devCommand(root, env)
  cloudKeyCommand(appCommand(root, withAdmin), withAdmin)
  realmCommand(root, withAdmin)
  unificationsCommand(root, withAdmin)
  conflictsCommand(root, withAdmin)
  migrateCommand(root, env)
  backupCommand(root, env, withAdmin)
  restoreCommand(root, env)
  keysCommand(root, withAdmin)
  keyCommand(root)
  return root
}
