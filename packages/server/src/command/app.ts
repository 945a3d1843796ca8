import type { AppChange, AppReply, List, NewApp } from '@hufu/contract'
import type { Command } from 'commander'
import { APP_KINDS } from '../domain/app.ts'
import { appOriginsCommand } from './app-origins.ts'
import { askSecret } from './ask-secret.ts'
import { say, table } from './say.ts'
import type { WithAdmin } from './with-admin.ts'

interface AddOptions {
  realm: string
  kind: string
  name?: string
  origin?: string[]
  secretFile?: string
  /** False after `--no-secret`. */
  secret: boolean
}

const SECRET_FILE = '--secret-file <file>'
const SECRET_FILE_SAYS = 'read the AppSecret from a file; - or a pipe for standard input; otherwise it is asked for'

/** `hufu app …`; returns it, so that `cloud-key` can be put under it. */
export function appCommand(program: Command, withAdmin: WithAdmin): Command {
  const app = program.command('app').description('the apps whose users log in · 管理小程序等应用')

  app
    .command('add <appId>')
    .description('add an app; its AppSecret is asked for and never shown again')
    .option('--realm <realm>', 'the user pool it belongs to', 'default')
    .option('--kind <kind>', APP_KINDS.join(', '), 'miniprogram')
    .option('--name <name>', 'a name for people')
    .option('--origin <origin...>', 'browser pages that may call, such as https://shop.example')
    .option(SECRET_FILE, SECRET_FILE_SAYS)
    .option('--no-secret', 'without one: people come in through cloud functions or Cloud Run only · 只用云开发登录')
    .action((appId: string, options: AddOptions) => addApp(withAdmin, appId, options))

  app
    .command('list')
    .description('list the apps')
    .action(async () => {
      const { items } = await withAdmin((admin) => admin.call<List<AppReply>>('GET', 'apps'))
      if (items.length === 0) return say('No apps yet. Add one with: hufu app add <appId>')
      say(
        table(
          ['APPID', 'REALM', 'KIND', 'NAME', 'ORIGINS'],
          items.map((one) => [one.appId, one.realm, one.kind, one.name, one.origins.join(' ')]),
        ),
      )
    })

  app
    .command('remove <appId>')
    .description('remove an app that has no users')
    .action(async (appId: string) => {
      await withAdmin((admin) => admin.call('DELETE', `apps/${encodeURIComponent(appId)}`))
      say(`Removed ${appId}.`)
    })

  app
    .command('rotate-secret <appId>')
    .description('give an app its new AppSecret, after a reset at mp.weixin.qq.com')
    .option(SECRET_FILE, SECRET_FILE_SAYS)
    .action(async (appId: string, options: { secretFile?: string }) => {
      const secret = await askSecret(`New AppSecret of ${appId}`, options.secretFile)
      await withAdmin((admin) =>
        admin.call('PATCH', `apps/${encodeURIComponent(appId)}`, { secret } satisfies AppChange),
      )
      say(`Changed. Every process uses the new AppSecret of ${appId} within a second.`)
    })
  appOriginsCommand(app, withAdmin)
  return app
}

async function addApp(withAdmin: WithAdmin, appId: string, options: AddOptions): Promise<void> {
  const { realm, kind, name, origin: origins } = options
  const secret = options.secret ? await askSecret(`AppSecret of ${appId}`, options.secretFile) : undefined
  await withAdmin((admin) => admin.call('POST', 'apps', { appId, secret, realm, kind, name, origins } satisfies NewApp))
  const next = options.secret
    ? `A ${kind} can log in now: POST /v1/login {"appId": "${appId}", "code": …}`
    : `Let a cloud function speak for its people: hufu app cloud-key add ${appId}`
  say(`Added ${appId} to realm ${realm}. ${next}`)
}
