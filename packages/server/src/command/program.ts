import { Command } from 'commander'
import { pinoLog } from '../adapters/pino-log.ts'
import type { Environment } from '../config.ts'
import { startServer } from '../runtime/start-server.ts'
import { appCommands, realmCommands } from './app-commands.ts'
import { backupCommand } from './backup.ts'
import { cloudKeyCommands } from './cloud-key-commands.ts'
import { runDev } from './dev.ts'
import { configuration } from './environment.ts'
import { migrate } from './migrate.ts'
import { conflictCommands, unificationCommands } from './reconcile-commands.ts'
import { restoreCommand } from './restore.ts'
import { say } from './say.ts'
import { newKey } from './secrets-at-hand.ts'
import { untilStopped } from './serve.ts'
import { adminOf } from './with-admin.ts'

/** The `hufu` command, whole. */
export function program(env: Environment, version: string): Command {
  const root = new Command('hufu')
    .description(
      'A wx.login code goes in, a person comes out: openid, unionid, a user, a session.\n微信登录：code 进，用户出。',
    )
    .version(version)
    .showHelpAfterError('Add --help to see what is possible · 加 --help 查看用法')
    .addHelpText(
      'after',
      '\nSettings are environment variables HUFU_* or hufu.config.json; the README lists them · 配置项见 README',
    )
  const withAdmin = adminOf(env)

  root
    .command('serve')
    .description('run the server · 启动服务')
    .action(async () => {
      const config = configuration(env)
      const log = pinoLog(config.logLevel)
      const server = await startServer(config, { log })
      const stopped = untilStopped(server, log) // whoever reads that it has started may ask it to stop
      log.info('started', {
        address: server.address,
        admin: server.adminAddress ?? 'off',
        cloudRun: server.gatewayAddress ?? 'off',
        mode: config.mode,
        issuer: config.issuer,
        loginLimit: config.loginLimit,
        database: config.database.kind,
      })
      await stopped
    })
  root
    .command('dev')
    .description('run a development server with a simulated WeChat, and show one login · 本地体验，无需 AppID')
    .action(() => runDev(env))

  cloudKeyCommands(appCommands(root, withAdmin), withAdmin)
  realmCommands(root, withAdmin)
  unificationCommands(root, withAdmin)
  conflictCommands(root, withAdmin)

  root
    .command('migrate')
    .description('bring the database up to this release; safe to run at any time and twice · 升级数据库')
    .action(() => migrate(configuration(env)))
  backupCommand(root, env, withAdmin)
  restoreCommand(root, env)
  root
    .command('key')
    .description('keys · 密钥')
    .command('make')
    .description('print a fresh 32-byte key, for HUFU_MASTER_KEY or HUFU_ADMIN_TOKEN')
    .action(() => say(newKey()))
  return root
}
