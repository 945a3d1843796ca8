import type { Command } from 'commander'
import { pinoLog } from '../adapters/pino-log.ts'
import type { Environment } from '../config/config.ts'
import { databaseName } from '../config/database-url.ts'
import { settingsHelp } from '../config/describe-settings.ts'
import { startServer } from '../runtime/start-server.ts'
import { wayToWeChat } from '../runtime/way-to-wechat.ts'
import { configuration } from './configuration.ts'
import { untilStopped } from './until-stopped.ts'

/** `hufu serve` */
export function serveCommand(program: Command, env: Environment): void {
  program
    .command('serve')
    .description('run the server; makes the database where there is none · 启动服务')
    .addHelpText('after', settingsHelp)
    .action(() => serve(env))
}

async function serve(env: Environment): Promise<void> {
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
    wechat: wayToWeChat(config),
    database: databaseName(config.database),
  })
  await stopped
}
